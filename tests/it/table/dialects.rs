//! How a log is written: what is found, and what the user says of it.

use crash_predictor::Error;
use crash_predictor::table::{Dialect, Encoding, LineEnd, LogReader, ReadOptions, Table};

use super::{assert_every_cut, check_issues, chunked, issues, read, table};

#[track_caller]
fn check_dialect(input: &str, delimiter: char, header: bool, n_columns: usize) {
    let table = table(input);
    assert_eq!(table.dialect().delimiter, delimiter, "{input:?}");
    assert_eq!(table.dialect().header, header, "{input:?}");
    assert_eq!(table.columns().len(), n_columns, "{input:?}");
    assert_eq!(table.issues().rows_rejected(), 0, "{input:?}");
}

#[test]
fn delimiters() {
    for delimiter in [',', ';', '\t', '|'] {
        let text = "time,host,cpu\n2024-01-01 00:00:00,a b,1\n2024-01-01 00:01:00,\"x,;|\t\",2\n";
        let quoted = text
            .replace("\"x,;|\t\"", "Q")
            .replace(',', &delimiter.to_string());
        check_dialect(&quoted.replace('Q', "\"x,;|\t\""), delimiter, true, 3);
    }
    check_dialect("1,5;2,5\n3,5;4,5\n", ';', false, 2);
    check_dialect(
        "t;v\n2024-01-01 00:00:00,123;5\n2024-01-01 00:00:01,456;6\n",
        ';',
        true,
        2,
    );
    check_dialect("a,b,c\n\"1;2\",\"3;4\",\"5;6\"\n", ',', true, 3);
}

#[test]
fn one_column() {
    check_dialect("cpu\n1\n2\n", ',', true, 1);
    check_dialect("message\nhello, world\nfoo\nbar, baz, qux\n", ';', true, 1);
    check_dialect("1\n2\n", ',', false, 1);
}

#[test]
fn other_delimiters() {
    for delimiter in ['^', '~', '+', '\u{1f}'] {
        let text = "time,host,cpu\n2024-01-01T00:00:00,a,1\n2024-01-01T00:01:00,b,2\n";
        check_dialect(
            &text.replace(',', &delimiter.to_string()),
            delimiter,
            true,
            3,
        );
    }
    check_dialect("a:b:c:d:e:f\n1:2:3:4:5:x\n", ':', true, 6);
    check_dialect("time\n10:00:01\n10:00:02\n", ',', true, 1);
    check_dialect("Started at\n2024-05-01 10:03\n", ',', true, 1);
    check_dialect("cpu mem crashed\n1 \"a b\" 0\n2  1\n", ' ', true, 3);
}

/// The names of the columns and the cells of the rows.
fn grid(input: &str) -> Vec<Vec<String>> {
    let table = table(input);
    assert_every_cut(input.as_bytes());
    let names = table.columns().iter().map(|column| column.name.clone());
    [names.collect()]
        .into_iter()
        .chain(table.preview().to_vec())
        .collect()
}

#[track_caller]
fn check_grid(input: &str, expected: &[&[&str]], expected_issues: &[&str]) {
    assert_eq!(grid(input), expected, "{input:?}");
    assert_eq!(issues(&table(input)), expected_issues, "{input:?}");
}

#[test]
fn runs_of_spaces() {
    let text = "  r  b   swpd\n  1  0 100000\n 10  2     20  \n";
    check_grid(
        text,
        &[
            &["r", "b", "swpd"],
            &["1", "0", "100000"],
            &["10", "2", "20"],
        ],
        &[],
    );
    assert!(table(text).dialect().spaced);
}

#[test]
fn spaces_behind_delimiters() {
    check_grid(
        "a, b, c\n1, \"x, y\", 2\n3, z , 4\n",
        &[&["a", "b", "c"], &["1", "x, y", "2"], &["3", "z ", "4"]],
        &[],
    );
}

#[test]
fn quotes() {
    check_grid(
        "a,b\n'x,y',1\n'it''s',2\n",
        &[&["a", "b"], &["x,y", "1"], &["it's", "2"]],
        &[],
    );
    check_grid(
        "a,b\n\"say \\\"x, y\\\"\",1\n\"z\",2\n",
        &[&["a", "b"], &["say \"x, y\"", "1"], &["z", "2"]],
        &[],
    );
    // Quotes that are not escaped at all.
    check_grid(
        "a,b\n\"say \"hi\" now\",1\n\"an \"x\"\",2\nd\"e,3\n",
        &[
            &["a", "b"],
            &["say \"hi\" now", "1"],
            &["an \"x\"", "2"],
            &["d\"e", "3"],
        ],
        &["StrayQuote 2 1", "StrayQuote 3 1"],
    );
}

#[test]
fn a_quote_too_many_costs_one_row() {
    check_issues(
        "a,b,c\n1,2,x\n3,\"4,y\n5,6,\"z, z\"\n7,8,\"w\"\n",
        3,
        &["UnclosedQuote 3 2"],
    );
}

#[test]
fn lines_that_are_no_part_of_the_table() {
    check_grid(
        "Servers of the week\nby, somebody\n\nt,cpu,mem\n1,2,3\n4,5,6\n",
        &[&["t", "cpu", "mem"], &["1", "2", "3"], &["4", "5", "6"]],
        &["LeftOut 1 0", "LeftOut 2 0"],
    );
    check_grid(
        "# made by, a script\nt,cpu\n1,2\n# paused, it's here, see\n3,4\n",
        &[&["t", "cpu"], &["1", "2"], &["3", "4"]],
        &["LeftOut 1 0", "LeftOut 4 0"],
    );
    check_grid(
        "# hostname;interval;cpu\na;60;1\nb;60;2\n",
        &[
            &["hostname", "interval", "cpu"],
            &["a", "60", "1"],
            &["b", "60", "2"],
        ],
        &["ConstantColumn 0 2"],
    );
    check_grid(
        "t,cpu\n1,2\nt,cpu\n3,4\n",
        &[&["t", "cpu"], &["1", "2"], &["3", "4"]],
        &["LeftOut 3 0"],
    );
}

#[test]
fn a_title_as_wide_as_the_table_is_none_of_it() {
    check_grid(
        "Linux 5.15.0 (web-1)\n\n00:00:01  kbmemfree\n00:10:01  10.5\n\n00:00:01  runq-sz  blocked\n00:10:01  1.5  2\n00:20:01  2.5  3\n",
        &[
            &["time", "runq-sz", "blocked"],
            &["00:10:01", "1.5", "2"],
            &["00:20:01", "2.5", "3"],
        ],
        &["LeftOut 1 0", "LeftOut 3 0", "LeftOut 4 0"],
    );
}

#[test]
fn json_lines() {
    check_grid(
        concat!(
            "{\"time\": \"2024-01-01T00:00:00Z\", \"cpu\": {\"user\": 97.50, \"io\": null}, \"ok\": true}\n\n",
            "{\"ok\":false,\"time\":\"a \\\"b\\\", \\u00e9\\ud83d\\ude00\\n\",\"tags\":[\"x\",{\"y\":\"]\"}]}\n",
        ),
        &[
            &["time", "cpu.user", "cpu.io", "ok", "tags"],
            &["2024-01-01T00:00:00Z", "97.50", "", "true", ""],
            &["a \"b\", é😀 ", "", "", "false", "[\"x\",{\"y\":\"]\"}]"],
        ],
        &[
            "ConstantColumn 0 2",
            "NoValidValues 0 3",
            "ConstantColumn 0 5",
        ],
    );
    // A key that was not there before, a line that is no object, an object that is cut off.
    let head = "{\"a\":1,\"b\":2}\n".repeat(6000);
    let log = format!("{head}{{\"a\":3,\"c\":4}}\nwhat\n{{\"a\":5\n{{\"b\":6,\"a\":7}}");
    let table = table(&log);
    assert!(table.dialect().json_lines);
    assert_eq!(
        issues(&table),
        [
            "FieldCount 6001 3",
            "FieldCount 6002 2",
            "FieldCount 6003 2",
        ]
    );
    assert_eq!(table.lines()[6000], 6004);
    assert_eq!(table.preview()[0], ["1", "2"]);
    assert_eq!(chunked(log.as_bytes(), 70_001), Ok(table));
    // These are no JSON.
    check_dialect("{a},b\n1,2\n", ',', true, 2);
    assert!(!read("{\"a\"\n1\n").unwrap().dialect().json_lines);
}

#[test]
fn headers_of_several_lines() {
    check_grid(
        "time,cpu,mem\n,user,MB\n1,2,3\n4,5,6\n",
        &[
            &["time", "cpu user", "mem MB"],
            &["1", "2", "3"],
            &["4", "5", "6"],
        ],
        &[],
    );
    check_dialect("a,b\nx,y\nz,w\n", ',', true, 2);
}

#[test]
fn a_delimiter_too_many() {
    check_grid(
        "a,b\n1,2,\n3,4,\n",
        &[&["a", "b"], &["1", "2"], &["3", "4"]],
        &[],
    );
    check_grid(
        "a,b,\n1,2,\n3,4\n",
        &[&["a", "b", "column_3"], &["1", "2", ""]],
        &["EmptyHeader 1 3", "FieldCount 3 3"],
    );
    let rows = "1,2,3\n4,5,6\n7,8,9\n";
    check_issues(format!("a,b,c,d\n{rows}"), 3, &["FieldCount 1 4"]);
    check_issues(
        format!("a,b\n{rows}"),
        3,
        &["EmptyHeader 1 1", "FieldCount 1 3"],
    );
}

/// `write.table` of R gives the column of row names no name, which R and pandas read so.
#[test]
fn where_one_name_is_missing_it_is_that_of_the_first_column() {
    check_grid(
        "time cpu crashed\n\"1\" \"2024-03-04 10:00:00\" 12.5 FALSE\n\"2\" \"2024-03-04 10:01:00\" 80.1 TRUE\n",
        &[
            &["column_1", "time", "cpu", "crashed"],
            &["1", "2024-03-04 10:00:00", "12.5", "FALSE"],
            &["2", "2024-03-04 10:01:00", "80.1", "TRUE"],
        ],
        &["EmptyHeader 1 1", "FieldCount 1 4"],
    );
}

#[test]
fn headers() {
    check_dialect("a,b\nx,y\n", ',', true, 2);
    check_dialect("a,1\nx,2\n", ',', false, 2);
    check_dialect("2024-01-01,a\n2024-01-02,b\n", ',', false, 2);
    let names: Vec<_> = table("1,2\n")
        .columns()
        .iter()
        .map(|c| c.name.clone())
        .collect();
    assert_eq!(names, ["column_1", "column_2"]);
}

#[test]
fn what_the_user_says_goes() {
    let options = ReadOptions {
        delimiter: Some(";".to_owned()),
        header: Some(false),
        ..ReadOptions::default()
    };
    let table = Table::from_csv(b"a,b\nc,d\n", &options).unwrap();
    assert_eq!((table.n_rows(), table.columns().len()), (2, 1));
    let options = ReadOptions {
        delimiter: None,
        header: Some(true),
        ..ReadOptions::default()
    };
    assert_eq!(
        Table::from_csv(b"0.5,0.9\n1,2\n", &options)
            .unwrap()
            .columns()[1]
            .name,
        "0.9"
    );
    for bad in ["", ";;", "\"", "\n", "é"] {
        let options = ReadOptions {
            delimiter: Some(bad.to_owned()),
            header: None,
            ..ReadOptions::default()
        };
        assert!(matches!(
            LogReader::new(&options),
            Err(Error::BadOption {
                option: "delimiter",
                ..
            })
        ));
    }
}

#[test]
fn line_ends() {
    for (end, expected) in [
        ("\n", LineEnd::Lf),
        ("\r\n", LineEnd::CrLf),
        ("\r", LineEnd::Cr),
    ] {
        let text = format!("a,b{end}1,\"x{end}y\"{end}{end}2,z{end}3,w");
        let table = table(&text);
        assert_eq!(table.dialect().line_end, expected);
        assert_eq!(table.lines(), [2, 5, 6], "{text:?}");
    }
    assert_eq!(table("a\r\n1\n2\r3").dialect().line_end, LineEnd::Mixed);
    assert_eq!(table("a\r\n1\n2\r3").lines(), [2, 3, 4]);
}

#[test]
fn encodings() {
    let text = "größe,crashed\n1,😀\n2,nein\n";
    let plain = table(text);
    let utf8: Vec<u8> = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(table(utf8), plain);
    let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    for (bytes, encoding) in [(little, Encoding::Utf16Le), (big, Encoding::Utf16Be)] {
        let decoded = table(&bytes);
        assert_eq!(
            *decoded.dialect(),
            Dialect {
                encoding,
                ..*plain.dialect()
            }
        );
        assert_eq!(decoded.columns(), plain.columns());
        assert_every_cut(&bytes);
    }
}

#[test]
fn a_broken_character_costs_its_row() {
    let lone: Vec<u8> = "\u{feff}a,b\n1,2\n3,4\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let at = lone.len() - 4;
    let lone = [&lone[..at], b"\x00\xd8", &lone[at..]].concat();
    assert_eq!(issues(&table(&lone)), ["Encoding 3 2"]);
    assert_every_cut(&lone);
    assert_eq!(
        issues(&table(b"a,b\n1,2\n\xff,2\n1,\xc3\n")),
        ["Encoding 3 1", "Encoding 4 2"]
    );
    // Two halves of one character are not a character with a delimiter between them.
    assert_eq!(issues(&table(b"a,b\n1,2\nx\xc3,\xa9\n")), ["Encoding 3 1"]);
    assert_eq!(
        read(b"\xef\xbb\xbfcpu,temp\x81rature\n1,2\n"),
        Err(Error::Encoding {
            expected: "UTF-8",
            offset: 11
        })
    );
}

#[test]
fn utf16_without_its_mark() {
    let text = "time,host,crashed\n2024-01-01T00:00:00Z,größe😀,0\n";
    let plain = table(text);
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (bytes, encoding) in [(little, Encoding::Utf16Le), (big, Encoding::Utf16Be)] {
        let decoded = table(&bytes);
        assert_eq!(decoded.dialect().encoding, encoding);
        assert_eq!(decoded.columns(), plain.columns());
        assert_every_cut(&bytes);
    }
}

#[test]
fn windows_1252_is_read_and_said() {
    let check = |bytes: &[u8], cell: &str, expected: &[&str]| {
        let table = table(bytes);
        assert_eq!(issues(&table), expected);
        assert_eq!(table.columns()[0].level_at(0).as_deref(), Some(cell));
        assert_every_cut(bytes);
    };
    check(
        b"h\xf4te,cpu\ncaf\xe9,1\n\x8c\x9cvre,2\n",
        "café",
        &["AssumedEncoding 1 1"],
    );
    check(
        b"host,cpu\ncaf\xe9 \x80,1\n20 \xb0,2\n",
        "café €",
        &["AssumedEncoding 2 1"],
    );
    // A record that is UTF-8 stays so.
    check("host,cpu\ncafé,1\n".as_bytes(), "café", &[]);
    check(
        b"host,cpu\ncaf\xc3\xa9,1\nna\xefve,2\n",
        "café",
        &["AssumedEncoding 3 1"],
    );
    let table = table(b"temp\xe9rature\n1\n");
    assert_eq!(table.columns()[0].name, "température");
    assert_eq!(table.dialect().encoding, Encoding::Windows1252);
}
