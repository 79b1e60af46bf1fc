//! What is no log, and what is odd in one: errors, and issues with their places.

use crash_predictor::Error;
use crash_predictor::table::{
    Column, ColumnKind, Expected, IssueCode, LogReader, MAX_FIELD_BYTES, MAX_RECORD_BYTES,
    OwnedCell, ReadOptions, RecordReader, Table,
};
use proptest::prelude::*;

use super::{check_issues, chunked, issues, read, table};

#[test]
fn files_that_are_not_logs() {
    let nul = [b"a\0\0b\0\0".as_slice(); 20].concat();
    for bytes in [
        b"\x89PNG\r\n\x1a\n....".as_slice(),
        b"PK\x03\x04....",
        b"\x1f\x8b\x08\0",
        b"%PDF-1.7\n",
        b"PAR1....",
        b"# HELP up Whether.\n# TYPE up gauge\nup 1\n",
        b" <!DOCTYPE html><html>",
        b"PK\x03\x04\x14\0\x08\0\x08\0[Content_Types].xml",
        &nul,
        &[1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 200, 201],
    ] {
        assert!(
            matches!(read(bytes), Err(Error::NotCsv { .. })),
            "{bytes:?}"
        );
    }
    for empty in ["", "\n\n", "\r\n \r\n", "\u{feff}"] {
        assert_eq!(read(empty), Err(Error::Empty), "{empty:?}");
    }
    assert_eq!(read("a,b\n"), Err(Error::NoRows { rejected: 0 }));
    assert_eq!(read("a,b\n1\n2\n"), Err(Error::NoRows { rejected: 2 }));
    let wide = ",".repeat(20_000);
    assert_eq!(
        read(&wide),
        Err(Error::TooManyColumns {
            found: 20_001,
            limit: 16_384
        })
    );
}

#[test]
fn a_reader_that_failed_stays_failed() {
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    let head = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0; 70_000]].concat();
    let failure = reader.push(&head);
    assert!(failure.is_err());
    assert_eq!(reader.push(b"a,b\n1,2\n"), failure);
    assert_eq!(reader.finish().map(drop), failure);
}

#[test]
fn bad_rows() {
    check_issues(
        "a,b\n1,2\n3\n4,5,6\n7,8\n",
        2,
        &["FieldCount 3 2", "FieldCount 4 3"],
    );
    check_issues("a,b\n1,2\n3,\0\n7,8\n", 2, &["NulByte 3 2"]);
    check_issues("a,b\n\n  \n1,2\n\r\n3,4\n", 2, &[]);
    let wide = format!("a,b\n1,2\n{}\n3,4\n", ",".repeat(40_000));
    assert_eq!(issues(&table(&wide)), ["FieldCount 3 3"]);
}

#[test]
fn unclosed_quotes() {
    check_issues("a,b\n1,2\n3,\"4\n5,6\n7,8\n", 3, &["UnclosedQuote 3 2"]);
    check_issues("a,b\n1,2\n3,\"4", 1, &["UnclosedQuote 3 2"]);
    // The line the quote is on is not the one its record starts on.
    check_issues(
        "a,b\r\n1,2\r\n\"3\r\n\",\"4\r\n5,6\r\n",
        2,
        &["UnclosedQuote 4 2"],
    );
    // Read again line by line, doubled quotes are quotes of their own.
    check_issues(
        "a,b\n1,2\n\"3,4\n\"\"5,6\n7,8\n",
        3,
        &["UnclosedQuote 3 1", "StrayQuote 4 1"],
    );
    check_issues("a,\"b\n1,2\n3,4\n", 2, &["UnclosedQuote 1 2"]);
}

#[test]
fn a_quote_closed_too_late_is_not_closed() {
    let rows = "1,2\n".repeat(400_000);
    let text = format!("a,b\n1,\"2\n{rows}3,\"x\"\n5,6\n");
    let table = table(&text);
    assert_eq!(table.issues().count_of("UnclosedQuote"), 1);
    assert_eq!(issues(&table)[0], "UnclosedQuote 2 2");
    assert_eq!(table.n_rows(), 400_002);
    assert_eq!(chunked(text.as_bytes(), 100_003), Ok(table));
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let rows = "1,2\n".repeat(MAX_RECORD_BYTES / 4 + 100_000);
    let text = format!("a,b\n1,\"2\n{rows}");
    let table = table(&text);
    assert_eq!(issues(&table)[0], "UnclosedQuote 2 2");
    assert_eq!(table.n_rows(), MAX_RECORD_BYTES / 4 + 100_000);
    assert_eq!(chunked(text.as_bytes(), 70_001), Ok(table));
}

#[test]
fn long_fields() {
    let fits = "x".repeat(MAX_FIELD_BYTES);
    assert_eq!(
        issues(&table(format!("a,b\n1,{fits}\n2,y\n"))),
        Vec::<String>::new()
    );
    for n_bytes in [MAX_FIELD_BYTES + 1, 8 << 20, MAX_RECORD_BYTES + 1, 40 << 20] {
        for quote in ["", "\""] {
            let field = format!("{quote}{}{quote}", "9".repeat(n_bytes));
            let text = format!("a,b\n1,2\n3,{field}\n5,6\n");
            let table = table(&text);
            assert_eq!(issues(&table), ["FieldTooLong 3 2"], "{n_bytes}");
            assert_eq!(table.lines(), [2, 4]);
            assert_eq!(chunked(text.as_bytes(), 99_991), Ok(table));
        }
    }
}

#[test]
fn odd_headers() {
    let check = |header: &str, names: &[&str], codes: &[&str]| {
        let row = vec!["x"; names.len()].join(",");
        let table = table(format!("{header}\n{row}\n"));
        let found: Vec<_> = table
            .columns()
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(found, names);
        assert_eq!(issues(&table), codes);
    };
    check(
        "cpu,cpu,cpu",
        &["cpu", "cpu_2", "cpu_3"],
        &["DuplicateHeader 1 2", "DuplicateHeader 1 3"],
    );
    check(
        "cpu,cpu,cpu_2",
        &["cpu", "cpu_3", "cpu_2"],
        &["DuplicateHeader 1 2"],
    );
    check(
        "a,,column_2",
        &["a", "column_2_2", "column_2"],
        &["EmptyHeader 1 2"],
    );
    check(
        "__proto__,\u{202e}x, \u{200b} ",
        &["__proto__", "\u{202e}x", "\u{200b}"],
        &[],
    );
    check("a,b\0", &["a", "b"], &["NulByte 1 2"]);
}

#[test]
fn columns_that_say_nothing() {
    check_issues(
        "a,b,c\n1,x,\n2,x,NA\n",
        2,
        &["ConstantColumn 0 2", "NoValidValues 0 3"],
    );
    check_issues("a,b\n1,\n", 1, &[]);
}

#[test]
fn the_first_hundred_issues_are_kept() {
    let rows: String = (0..2000)
        .map(|i| ["x,1\n", "1,2\n", "2,3\n"][if i % 10 == 9 { 0 } else { 1 + i % 2 }])
        .collect();
    let table = table(format!("a,b\n{rows}1\n"));
    let report = table.issues().to_report();
    assert_eq!(report.total, 201);
    assert_eq!(report.kept.len(), 100);
    assert_eq!(report.kept[99].line, Some(1001));
    assert_eq!(
        (report.rows_read, report.rows_used, report.rows_rejected),
        (2001, 2000, 1)
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["kept"][0]["columnName"], "a");
    assert_eq!(json["kept"][0]["hint"], IssueCode::BadNumber.hint());
    assert_eq!(
        json["counts"][0],
        serde_json::json!({ "code": "BadNumber", "count": 200 })
    );
}

#[test]
fn sentences() {
    let table = table("cpu,cpu,\n1,2,3\n1\n9,8,\"7\n");
    let said: Vec<String> = table
        .issues()
        .kept()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "line 1: column \"cpu\" has the name of a column before it; it is called \"cpu_2\" here",
            "line 1: column 3 has no name; it is called \"column_3\" here",
            "line 3: column \"cpu_2\" is missing: the row has 1 fields, the header 3",
            "line 4: column \"column_3\" opens a quote that is never closed",
        ]
    );
}

#[test]
fn the_preview_shows_the_first_rows_as_they_are() {
    let rows: String = (0..30).map(|i| format!("{i},y, x \n")).collect();
    let table = table(format!("a,b,c\n{rows}"));
    assert_eq!(table.preview().len(), 20);
    assert_eq!(table.preview()[19], ["19", "y", " x "]);
}

#[test]
fn a_hand_typed_row_takes_the_same_road() {
    let cells = vec![
        ("cpu".to_owned(), OwnedCell::Number(97.5)),
        ("mem".to_owned(), OwnedCell::Text(" 12% ".to_owned())),
        ("ok".to_owned(), OwnedCell::Boolean(true)),
        ("host".to_owned(), OwnedCell::Text("web-1".to_owned())),
        ("disk".to_owned(), OwnedCell::Missing),
    ];
    let typed = Table::from_cells(cells, &Expected::default());
    let read = table("cpu,mem,ok,host,disk\n97.5,12%,true,web-1,\n");
    assert_eq!(typed.columns(), read.columns());
    assert_eq!(typed.n_rows(), 1);
    assert_eq!(
        typed.column("ok").map(Column::kind),
        Some(ColumnKind::Boolean)
    );
}

#[test]
fn records_keep_their_line_and_bytes() {
    let text = b"\xef\xbb\xbfa,b\r\n\r\n1,\"x\r\ny\"\r\n\xff,\"2\"\r\n3,4";
    let mut reader = RecordReader::new(&ReadOptions::default()).unwrap();
    let mut seen = Vec::new();
    let mut sink = |record: &crash_predictor::table::Record<'_>| {
        let fields: Vec<_> = record.fields().map(<[u8]>::to_vec).collect();
        seen.push((record.line, record.offset, record.raw.to_vec(), fields));
        Ok(())
    };
    reader.push(text, &mut sink).unwrap();
    reader.finish(&mut sink).unwrap();
    let record = |line: u64, offset: u64, raw: &[u8], fields: [&[u8]; 2]| {
        let fields = fields.map(<[u8]>::to_vec).to_vec();
        (line, offset, raw.to_vec(), fields)
    };
    let expected = [
        record(1, 3, b"a,b", [b"a", b"b"]),
        record(3, 10, b"1,\"x\r\ny\"", [b"1", b"x\r\ny"]),
        record(5, 20, b"\xff,\"2\"", [b"\xff", b"2"]),
        record(6, 27, b"3,4", [b"3", b"4"]),
    ];
    assert_eq!(seen, expected);
}

/// The records of a log with commas and without a header, read by csv-core, each field as text.
pub(super) fn records_of_csv_core(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv_core::Reader::new();
    let (mut out, mut ends) = (vec![0; 4096], vec![0; 512]);
    let mut rows = Vec::new();
    // A mark at the start is dropped by it only if the chunk is long enough.
    let (mut input, mut n_text, mut n_ends) = (bytes, 0, 0);
    loop {
        let (result, n_in, n_out, n) =
            reader.read_record(input, &mut out[n_text..], &mut ends[n_ends..]);
        input = &input[n_in..];
        n_text += n_out;
        n_ends += n;
        match result {
            csv_core::ReadRecordResult::Record => {
                let starts = [0].into_iter().chain(ends.iter().copied());
                let fields = starts.zip(&ends[..n_ends]);
                rows.push(
                    fields
                        .map(|(start, &end)| out[start..end].to_vec())
                        .collect(),
                );
                (n_text, n_ends) = (0, 0);
            }
            csv_core::ReadRecordResult::End => return rows,
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Where every quote is closed at the end of its field, csv-core reads the same.
    #[test]
    fn csv_core_reads_the_same(
        bytes in prop::collection::vec(prop::sample::select(b",\"\"\r\n1a. ".to_vec()), 0..120)
    ) {
        let bytes = [b"1,a,a\n".as_slice(), &bytes].concat();
        let options = ReadOptions {
            delimiter: Some(",".to_owned()),
            header: Some(false),
            quote: Some("\"".to_owned()),
            ..ReadOptions::default()
        };
        let mut reader = RecordReader::new(&options).unwrap();
        let mut rows: Vec<Vec<Vec<u8>>> = Vec::new();
        let mut is_plain = true;
        let mut sink = |record: &crash_predictor::table::Record<'_>| {
            is_plain &= record.problem.is_none() && record.stray_quote.is_none();
            rows.push(record.fields().map(<[u8]>::to_vec).collect());
            Ok(())
        };
        reader.push(&bytes, &mut sink).unwrap();
        reader.finish(&mut sink).unwrap();
        let mut expected = records_of_csv_core(&bytes);
        for rows in [&mut rows, &mut expected] {
            rows.retain(|row| row.len() > 1 || !row[0].trim_ascii().is_empty());
            // One delimiter too many may be dropped.
            for row in rows {
                let n = row.iter().rposition(|field| !field.is_empty());
                row.truncate(n.map_or(0, |last| last + 1));
            }
        }
        if is_plain && !bytes.windows(2).any(|pair| pair == b", ") {
            prop_assert_eq!(rows, expected);
        }
    }
}

/// A column of these cells beside one of numbers, and the cell that is said not to be read.
#[track_caller]
fn check_not_read(name: &str, cells: &[&str], expected: Option<&str>) {
    let rows: String = (0..cells.len())
        .map(|row| format!("{}|{row}\n", cells[row]))
        .collect();
    let csv = format!("{name}|y\n{rows}");
    let table = table(&csv);
    let found = table.issues().kept().iter();
    let found: Vec<_> = found
        .filter(|issue| issue.code == IssueCode::ReadAsWords)
        .map(|issue| (issue.column, issue.cell.as_deref()))
        .collect();
    let expected: Vec<_> = expected.iter().map(|cell| (Some(1), Some(*cell))).collect();
    assert_eq!(found, expected, "{name} of {cells:?}");
    super::assert_every_cut(csv.as_bytes());
}

#[test]
fn columns_that_were_likely_meant_otherwise() {
    // Mostly numbers, though not nine in ten; the text is what keeps it from being numbers.
    check_not_read("lat", &["1.5", "2", "timeout", "4", "3"], Some("timeout"));
    check_not_read("x", &["0x1F", "0xFF", "0x1E"], Some("0x1F"));
    check_not_read("x", &["+0049", "+0033", "-7-"], Some("+0049"));
    check_not_read("x", &["10:05-10:10", "?", "a", "b"], None);
    // A name of times, and texts that could be some.
    check_not_read("Startzeit", &["am 4. 3.", "am 5. 3."], Some("am 4. 3."));
    check_not_read("time", &["morning", "noon"], None);
    check_not_read("time", &["x1", "2026-13-01"], Some("x1"));
    // Names are words.
    check_not_read("host", &["1a", "2b", "3c"], None);
    check_not_read("peer", &["10.0.0.1", "10.0.0.2:80", "1.2.3-rc4"], None);
    check_not_read("level", &["info", "warn", "404", "500"], None);
    check_not_read("x", &["1a"], None);
    let said = ReadOptions {
        as_text: vec!["x".to_owned()],
        ..ReadOptions::default()
    };
    let table = Table::from_csv(b"x,y\n1a,1\n2b,2\n", &said).unwrap();
    assert_eq!(table.issues().count_of("ReadAsWords"), 0);
}
