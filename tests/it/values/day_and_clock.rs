//! A day in one column and a clock in another.

use super::*;

/// Both columns hold the moments of both; empty where either is missing.
#[track_caller]
fn check_joined(csv: &str, columns: [&str; 2], expected: &[&str]) {
    let table = read(csv);
    for name in columns {
        let column = table.column(name).unwrap();
        let found: Vec<_> = (0..table.n_rows())
            .map(|row| column.level_at(row).unwrap_or_default().into_owned())
            .collect();
        assert_eq!(found, expected, "{name} of {csv}");
        let sentence = column.format.sentence().unwrap();
        assert!(sentence.contains("the clock of another"), "{sentence}");
    }
    assert_eq!(table.issues().count_of("ReadAsWords"), 0);
}

#[test]
fn a_day_and_a_clock_are_one_moment() {
    check_joined(
        "Date,Time,cpu\n2024-03-04,10:00:00,1\n2024-03-05,10:05:00,2\n2024-03-05,,3\n,10:05:00,4\n",
        ["Date", "Time"],
        &["2024-03-04T10:00:00Z", "2024-03-05T10:05:00Z", "", ""],
    );
    // A clock that begins anew has a day of its own, and is not taken for the next one twice.
    check_joined(
        "Datum;Zeit;x\n30.03.2024;23:59;1\n31.03.2024;00:04;2\n31.03.2024;23:59;3\n",
        ["Datum", "Zeit"],
        &[
            "2024-03-30T23:59:00Z",
            "2024-03-31T00:04:00Z",
            "2024-03-31T23:59:00Z",
        ],
    );
    check_joined(
        "time,took,date\n1:00:00 PM,00:10:00,3/24/24\n1:10:00 PM,00:20:00,3/25/24\n",
        ["date", "time"],
        &["2024-03-24T13:00:00Z", "2024-03-25T13:10:00Z"],
    );
    // Two columns of days, or none: nothing is put together.
    let other =
        read("from,to,time\n2024-03-04,2024-03-05,10:00:00\n2024-03-06,2024-03-07,11:00:00\n");
    assert_eq!(
        other.columns()[2].level_at(1).as_deref(),
        Some("1970-01-01T11:00:00Z")
    );
    // Minutes and seconds of something else stay words.
    let (_, took) = column("took", &["10:05", "10:10"]);
    assert_eq!(took.kind(), ColumnKind::Category);
    check_times(
        "Uhrzeit",
        &["23:50", "00:10"],
        &["1970-01-01T23:50:00Z", "1970-01-02T00:10:00Z"],
        Some("no date: the first is taken as 1970-01-01; no zone: taken as UTC"),
    );
}

/// A log by the minute over a night; whichever column is the time, a batch and a typed row have the same moments.
#[test]
fn a_day_and_a_clock_are_one_moment_wherever_they_come_from() {
    let csv = "date,time,cpu\n2024-03-04,23:59:00,1\n2024-03-05,00:00:00,2\n";
    let table = read(csv);
    let typed = ["2024-03-05", "00:00:00"];
    let cells = ["date", "time"]
        .iter()
        .zip(typed)
        .map(|(name, text)| ((*name).to_owned(), OwnedCell::Text(text.to_owned())));
    let one = Table::from_cells(cells.collect(), &Expected::default());
    for at in 0..2 {
        assert_eq!(
            one.columns()[at].level_at(0),
            table.columns()[at].level_at(1)
        );
    }
    let alone = read("date,time,cpu\n2024-03-05,00:00:00,2\n");
    assert_eq!(
        alone.columns()[1].level_at(0),
        table.columns()[1].level_at(1)
    );
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    for name in ["a", "b"] {
        reader.begin_file(name).unwrap();
        reader.push(csv.as_bytes()).unwrap();
    }
    let both = reader.finish().unwrap();
    let times: Vec<_> = (0..4)
        .map(|row| {
            both.column("time")
                .unwrap()
                .level_at(row)
                .unwrap()
                .into_owned()
        })
        .collect();
    let [first, second] = ["2024-03-04T23:59:00Z", "2024-03-05T00:00:00Z"];
    assert_eq!(times, [first, first, second, second]);
}
