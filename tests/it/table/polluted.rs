//! One table, written in every way in which real files differ from the standard, and read back with nothing told: the kinds of
//! pollution and the measures are those that Vitagliano et al. describe in "Pollock: A Data Loading Benchmark" (VLDB 2023).

use std::collections::BTreeMap;

use crash_predictor::table::{PlainCsv, ReadOptions};

use super::problems::records_of_csv_core;

type Row = Vec<String>;

/// A file, and what is in it. Without a header all its records are rows.
struct Case {
    kind: &'static str,
    name: String,
    bytes: Vec<u8>,
    header: Option<Row>,
    rows: Vec<Row>,
}

/// How a table is written.
#[derive(Clone, Copy)]
struct Style {
    delimiter: &'static str,
    quote: char,
    /// Before a quote inside quotes.
    escape: &'static str,
    line_end: &'static str,
}

const STANDARD: Style = Style {
    delimiter: ",",
    quote: '"',
    escape: "\"",
    line_end: "\r\n",
};

fn source() -> Vec<Row> {
    let header = "date,time,shop,amount,price,what,remark";
    let mut table = vec![header.split(',').map(str::to_owned).collect::<Row>()];
    let remarks = [
        "",
        "sold out",
        "it's \"new\"",
        "",
        "small, red",
        "see http://example.org/a?b=c;d",
    ];
    for index in 0..40_usize {
        table.push(vec![
            format!("2023-{:02}-{:02}", 1 + index % 12, 1 + index * 7 % 28),
            format!("{:02}:{:02}:00", 8 + index % 12, index * 13 % 60),
            format!("Shop {}", index % 5),
            (1 + index * 31 % 97).to_string(),
            format!("{}.{:02}", index * 17 % 300, index * 29 % 100),
            ["Lamp", "Garden chair", "Desk, oak", "Mirror"][index % 4].to_owned(),
            remarks[index % 6].to_owned(),
        ]);
    }
    table
}

fn cell(text: &str, style: Style) -> String {
    let special = [style.delimiter, "\"", "'", "\n", " "];
    if !special.iter().any(|special| text.contains(special)) {
        return text.to_owned();
    }
    let quote = style.quote.to_string();
    let escaped = text.replace(&quote, &format!("{}{quote}", style.escape));
    format!("{quote}{escaped}{quote}")
}

fn cells(row: &[String], style: Style) -> Row {
    row.iter().map(|text| cell(text, style)).collect()
}

fn lines(rows: &[Row], style: Style) -> Vec<String> {
    let line = |row: &Row| cells(row, style).join(style.delimiter);
    rows.iter().map(line).collect()
}

fn file(lines: &[String], style: Style) -> Vec<u8> {
    let ended = lines.iter().map(|line| format!("{line}{}", style.line_end));
    ended.collect::<String>().into_bytes()
}

/// A case whose file is a whole table in one style.
fn case(kind: &'static str, name: impl Into<String>, table: &[Row], bytes: Vec<u8>) -> Case {
    let (header, rows) = match table.split_first() {
        Some((header, rows)) => (Some(header.clone()), rows.to_vec()),
        None => (None, Vec::new()),
    };
    let name = name.into();
    Case {
        kind,
        name,
        bytes,
        header,
        rows,
    }
}

fn styles(table: &[Row]) -> Vec<Case> {
    let check =
        |kind, name: &str, style| case(kind, name, table, file(&lines(table, style), style));
    let mut cases = vec![check("standard", "", STANDARD)];
    for delimiter in [" ", ", ", ";", "\t", "|"] {
        let style = Style {
            delimiter,
            ..STANDARD
        };
        cases.push(check("delimiter", delimiter, style));
    }
    let quote = '\'';
    let single = Style {
        quote,
        escape: "'",
        ..STANDARD
    };
    cases.push(check("quote", "'", single));
    cases.push(check(
        "escape",
        "backslash",
        Style {
            escape: "\\",
            ..STANDARD
        },
    ));
    cases.push(check(
        "escape",
        "none",
        Style {
            escape: "",
            ..STANDARD
        },
    ));
    for line_end in ["\n", "\r"] {
        let style = Style {
            line_end,
            ..STANDARD
        };
        cases.push(check("line end", &format!("{line_end:?}"), style));
    }
    cases
}

fn whole_files(table: &[Row]) -> Vec<Case> {
    let (header, rows) = (&table[..1], &table[1..]);
    let bytes = file(&lines(table, STANDARD), STANDARD);
    let with = |before: &[&str], after: &str| {
        let before: String = before.iter().map(|line| format!("{line}\r\n")).collect();
        [before.as_bytes(), &bytes, after.as_bytes()].concat()
    };
    let second = [header[0]
        .iter()
        .map(|name| format!("{name} then"))
        .collect::<Row>()];
    let narrow = |rows: &[Row]| {
        rows.iter()
            .map(|row| row[2..6].to_vec())
            .collect::<Vec<Row>>()
    };
    let two = |name: &str, first: &[Row], second: &[Row]| {
        let both = [
            lines(first, STANDARD),
            vec![String::new()],
            lines(second, STANDARD),
        ]
        .concat();
        case(
            "tables",
            name,
            &[first, second].concat(),
            file(&both, STANDARD),
        )
    };
    let other = [&second, rows].concat();
    let mut cases = vec![
        case("payload", "none", &[], Vec::new()),
        case(
            "end",
            "no line end",
            table,
            bytes[..bytes.len() - 2].to_vec(),
        ),
        case("end", "two line ends", table, with(&[], "\r\n")),
        case(
            "preamble",
            "",
            table,
            with(&["Sales of the year", "all shops, by day", ""], ""),
        ),
        case(
            "rows",
            "header only",
            header,
            file(&lines(header, STANDARD), STANDARD),
        ),
        case(
            "rows",
            "one",
            &table[..2],
            file(&lines(&table[..2], STANDARD), STANDARD),
        ),
        two("same", table, &other),
        two("less", &narrow(table), &other),
        two("more", table, &narrow(&other)),
    ];
    let headless = case(
        "header",
        "none",
        &[],
        file(&lines(rows, STANDARD), STANDARD),
    );
    cases.push(Case {
        rows: rows.to_vec(),
        ..headless
    });
    let parts = ["of sale", "local"];
    for n in 1..=parts.len() {
        let more: Vec<Row> = parts[..n]
            .iter()
            .map(|part| vec![(*part).to_owned(); header[0].len()])
            .collect();
        let joined = header[0]
            .iter()
            .map(|name| format!("{name} {}", parts[..n].join(" ")));
        let expected = [vec![joined.collect::<Row>()], rows.to_vec()].concat();
        let written = [header, &more, rows].concat();
        cases.push(case(
            "header",
            format!("{} lines", n + 1),
            &expected,
            file(&lines(&written, STANDARD), STANDARD),
        ));
    }
    cases
}

/// One row that is written in another way than the others, for each row and column.
fn single_rows(table: &[Row]) -> Vec<Case> {
    let standard = lines(table, STANDARD);
    let mut cases = Vec::new();
    for (index, row) in table.iter().enumerate() {
        let mut add = |kind, name: String, line: String, read: Row| {
            let (mut lines, mut table) = (standard.clone(), table.to_vec());
            (lines[index], table[index]) = (line, read);
            cases.push(case(kind, name, &table, file(&lines, STANDARD)));
        };
        let written = cells(row, STANDARD);
        for column in 0..row.len() {
            let name = format!("row {index} column {column}");
            let (mut less, mut more, mut read) = (written.clone(), written.clone(), row.clone());
            if column > 0 && !less[column - 1].ends_with('"') && !less[column].starts_with('"') {
                let cell = less.remove(column);
                less[column - 1] += &cell;
                read[column - 1] += &cell;
                read.remove(column);
                add(
                    "too few delimiters",
                    name.clone(),
                    less.join(","),
                    read.clone(),
                );
            }
            more.insert(column, String::new());
            read = row.clone();
            read.insert(column, String::new());
            add("too many delimiters", name.clone(), more.join(","), read);
            let (mut extra, mut read) = (written.clone(), row.clone());
            if !extra[column].starts_with('"') {
                let place = index % (extra[column].len() + 1);
                extra[column].insert(place, '"');
                read[column].insert(place, '"');
                add("a quote too many", name, extra.join(","), read);
            }
        }
        let spaced = cells(
            row,
            Style {
                delimiter: " ",
                ..STANDARD
            },
        );
        add(
            "another delimiter",
            format!("row {index}"),
            spaced.join(" "),
            row.clone(),
        );
    }
    cases
}

fn read(case: &Case) -> (Option<Row>, Vec<Row>) {
    let mut plain = PlainCsv::new(&ReadOptions::default()).unwrap();
    let mut out = plain.push(&case.bytes).unwrap();
    out.extend(plain.finish().unwrap());
    let text = |field: Vec<u8>| String::from_utf8(field).unwrap();
    let records = records_of_csv_core(&out).into_iter();
    let mut rows: Vec<Row> = records
        .map(|row| row.into_iter().map(text).collect())
        .collect();
    let has_header = case.header.is_some() && !rows.is_empty();
    (has_header.then(|| rows.remove(0)), rows)
}

/// Precision, recall and their harmonic mean of things, order aside.
fn measures<T: Ord>(
    found: impl IntoIterator<Item = T>,
    expected: impl IntoIterator<Item = T>,
) -> f64 {
    let mut counts: BTreeMap<T, (usize, usize)> = BTreeMap::new();
    found
        .into_iter()
        .for_each(|thing| counts.entry(thing).or_default().0 += 1);
    expected
        .into_iter()
        .for_each(|thing| counts.entry(thing).or_default().1 += 1);
    let sum =
        |count: fn(&(usize, usize)) -> usize| counts.values().map(count).sum::<usize>() as f64;
    let both = sum(|&(found, expected)| found.min(expected));
    let share = |of: f64| if of == 0.0 { 1.0 } else { both / of };
    let (precision, recall) = (share(sum(|counts| counts.0)), share(sum(|counts| counts.1)));
    if both == 0.0 && precision + recall < 2.0 {
        return precision.min(recall);
    }
    precision + recall + 2.0 * precision * recall / (precision + recall)
}

/// Of 10: success, and three measures each of the header, the records and the cells.
fn score(case: &Case) -> f64 {
    let (header, rows) = read(case);
    1.0 + measures(header.iter().flatten(), case.header.iter().flatten())
        + measures(&rows, &case.rows)
        + measures(rows.iter().flatten(), case.rows.iter().flatten())
}

#[test]
fn polluted_files() {
    let table = source();
    let cases = [styles(&table), whole_files(&table), single_rows(&table)];
    let mut kinds: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for case in cases.iter().flatten() {
        let score = score(case);
        if score < 9.0 {
            println!("{} {}: {score:.2}", case.kind, case.name);
        }
        kinds.entry(case.kind).or_default().push(score);
    }
    let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
    let means: Vec<f64> = kinds.values().map(|scores| mean(scores)).collect();
    for (kind, mean) in kinds.keys().zip(&means) {
        println!("{mean:6.3}  {kind}");
    }
    let all: Vec<f64> = kinds.into_values().flatten().collect();
    println!(
        "{:6.3} over {} files, {:.3} over kinds",
        mean(&all),
        all.len(),
        mean(&means)
    );
    assert!(mean(&all) > 9.9 && mean(&means) > 9.8);
}
