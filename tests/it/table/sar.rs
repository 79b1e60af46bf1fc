//! What `sar` prints: reports of sections, joined by time.

use crash_predictor::Error;
use crash_predictor::table::{
    Layout, LogReader, PlainCsv, ReadOptions, Table, Values, format_time,
};
use proptest::prelude::*;

use super::{assert_every_cut, check_issues, chunked, issues, table};

/// After sysstat 12: CPUs with a row for all, a section of one row, devices without, and one whose rows are words.
const ALL: &str = "Linux 5.14.0-362.el9.x86_64 (web-1.example.com) \t11/29/2026 \t_x86_64_\t(2 CPU)


11:40:01 PM     CPU      %usr     %sys     %idle
11:50:01 PM     all     10.00     2.00     88.00
11:50:01 PM       0     15.00     2.50     82.50
11:50:01 PM       1      5.00     1.50     93.50
12:00:01 AM     all     20.00     4.00     76.00
12:00:01 AM       0     30.00     4.50     65.50
12:00:01 AM       1     10.00     3.50     86.50
Average:        all     15.00     3.00     82.00

11:40:01 PM    proc/s   cswch/s
11:50:01 PM      1.50    753.31
12:00:01 AM      2.50   1405.51
Average:         2.00   1079.41

11:55:00 PM  LINUX RESTART\t(2 CPU)

11:40:01 PM       DEV       tps     %util
11:50:01 PM       sda      9.00     20.00
11:50:01 PM       sdb      4.00     80.00
12:00:01 AM       sda     11.00      5.00
12:00:01 AM       sdb    100.00      1.00
Average:          sda     10.00     12.50
Average:          sdb     52.00     40.50

11:40:01 PM  BUS  idvendor    idprod  maxpower                manufact                                         product
11:50:01 PM    1       46d      c52b        98                Logitech USB                                    Receiver
";
const COLUMNS: &str =
    "time,host,CPU %usr,CPU %sys,CPU %idle,proc/s,cswch/s,DEV max tps,DEV max %util";
const FIRST: &str = "2026-11-29T23:50:01,web-1.example.com,10,2,88,1.5,753.31,9,80";
const SECOND: &str = "2026-11-30T00:00:01,web-1.example.com,20,4,76,2.5,1405.51,100,5";

/// The table that is made of a text, as CSV.
fn plain(sar: &str) -> String {
    let mut plain = PlainCsv::new(&ReadOptions::default()).unwrap();
    let mut csv = plain.push(sar.as_bytes()).unwrap();
    csv.extend(plain.finish().unwrap());
    String::from_utf8(csv).unwrap()
}

#[track_caller]
fn check(sar: &str, expected: &[&str]) {
    let lines = plain(sar);
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    assert_eq!(table(sar).dialect().layout, Layout::Sections);
}

#[test]
fn sections_are_joined_by_time_over_midnight_and_devices_give_their_largest() {
    check(ALL, &[COLUMNS, FIRST, SECOND]);
    check(&ALL.replace('\n', "\r\n"), &[COLUMNS, FIRST, SECOND]);
    check(ALL.trim_end(), &[COLUMNS, FIRST, SECOND]);
    assert_every_cut(ALL.as_bytes());
}

#[test]
fn as_it_is_written_while_it_measures_section_by_section_it_is_the_same() {
    let lines: Vec<&str> = ALL.lines().collect();
    let live = [
        1, 2, 4, 5, 6, 7, 2, 13, 14, 2, 20, 21, 22, 2, 4, 8, 9, 10, 2, 13, 15, 2, 20, 23, 24,
    ];
    let live: Vec<&str> = live
        .iter()
        .map(|&number: &usize| lines[number - 1])
        .collect();
    check(&live.join("\n"), &[COLUMNS, FIRST, SECOND]);
}

/// Restarts and what fits no header are told with their lines; a row has the line of its first section.
#[test]
fn what_is_left_out_is_said() {
    let expected = ["LeftOut 18 0", "LeftOut 29 0", "ConstantColumn 0 2"];
    check_issues(ALL, 2, &expected);
    let table = table(ALL);
    assert_eq!(table.lines(), [5, 8]);
    let [restart, stray, _] = table.issues().kept() else {
        panic!("{:?}", table.issues());
    };
    assert!(
        restart
            .to_string()
            .ends_with("is a comment; it was left out")
    );
    assert!(restart.cell.as_deref().unwrap().contains("RESTART"));
    assert!(
        stray
            .to_string()
            .ends_with("fits no header of sar above it; it was left out")
    );
    assert!(stray.cell.as_deref().unwrap().contains("Logitech"));
}

#[test]
fn dates_are_read_as_they_can_be_one() {
    for (date, first) in [
        ("11/29/2026", "2026-11-29"),
        ("11/29/26", "2026-11-29"),
        ("2026-11-29", "2026-11-29"),
        ("29.11.2026", "2026-11-29"),
        ("29/11/26", "2026-11-29"),
        ("02/03/2026", "2026-02-03"),
    ] {
        let csv = plain(&ALL.replace("11/29/2026", date));
        let row = csv.lines().nth(1).unwrap();
        assert!(row.starts_with(&format!("{first}T23:50:01,")), "{row}");
    }
}

/// Days that may be two: as the user says, as another report shows, be it in a file before, or said to be assumed.
#[test]
fn a_date_that_may_be_two_is_settled_or_told() {
    let may = report("web-1", "05/11/2026", 1);
    let first = |table: &Table| table.columns()[0].level_at(0).unwrap().into_owned();
    let found = table(&may);
    assert_eq!(first(&found), "2026-05-11T12:00:01Z");
    assert_eq!(issues(&found)[0], "LeftOut 1 0");
    assert!(found.issues().kept()[0].to_string().contains("`dates`"));
    for (dates, day) in [("31/12/2026", "2026-11-05"), ("12/31/2026", "2026-05-11")] {
        let options = ReadOptions {
            dates: Some(dates.to_owned()),
            ..ReadOptions::default()
        };
        let found = Table::from_csv(may.as_bytes(), &options).unwrap();
        assert_eq!(first(&found), format!("{day}T12:00:01Z"));
        assert_eq!(found.issues().count_of("LeftOut"), 0);
    }
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    for (name, text) in [
        ("a", report("a", "04/13/2026", 1)),
        ("b", may.replace("05/11", "13/11")),
        ("c", may),
    ] {
        reader.begin_file(name).unwrap();
        reader.push(text.as_bytes()).unwrap();
    }
    let last = reader.finish().unwrap();
    assert_eq!(
        last.issues().count_of("LeftOut"),
        0,
        "the first of them shows it"
    );
}

/// `sar -h`
#[test]
fn numbers_for_people_are_in_kb() {
    let text = "Linux 6.1.0 (web-1) \t2026-11-29 \t_x86_64_\t(2 CPU)

00:00:01    kbmemfree  %memused
00:10:01         3.5G     12.3%
00:20:01       512.0M     92.5%
00:30:01            -     92.5X
";
    check(
        text,
        &[
            "time,host,kbmemfree,%memused",
            "2026-11-29T00:10:01,web-1,3670016,12.3",
            "2026-11-29T00:20:01,web-1,524288,92.5",
        ],
    );
    assert_eq!(issues(&table(text))[0], "LeftOut 6 0");
    assert_eq!(table(text).issues().rows_rejected(), 1);
}

/// Its rows are not given to the report before.
#[test]
fn what_stands_under_a_title_that_cannot_be_read_is_rejected() {
    let text = report("web-1", "2026-11-29", 10) + &report("db-1", "2026年11月30日", 20);
    let table = table(&text);
    assert_eq!((table.n_rows(), table.issues().rows_rejected()), (3, 9));
}

/// `sar | grep .`
#[test]
fn empty_lines_above_headers_may_be_gone() {
    let without = |text: &str| -> String {
        let lines = text.lines().filter(|line| !line.is_empty());
        lines.flat_map(|line| [line, "\n"]).collect()
    };
    assert_eq!(plain(&without(ALL)), plain(ALL));
}

/// While `sar` measures, and a network device appears on the second day.
#[test]
fn a_section_that_begins_on_a_later_day_is_of_that_day() {
    check(
        "Linux 6.1.0 (web-1) \t2026-11-29 \t_x86_64_\t(2 CPU)

23:40:01        CPU      %usr
23:50:01        all      1.00

23:50:01        CPU      %usr
00:00:01        all      2.00

00:00:01        CPU      %usr
00:10:01        all      3.00

00:00:01      IFACE   rxpck/s
00:10:01       eth0      7.00
",
        &[
            "time,host,CPU %usr,IFACE max rxpck/s",
            "2026-11-29T23:50:01,web-1,1,",
            "2026-11-30T00:00:01,web-1,2,",
            "2026-11-30T00:10:01,web-1,3,7",
        ],
    );
}

#[test]
fn averages_in_french_go_without_saying_too() {
    let text = report("web-1", "2026-11-29", 10).replace("Average:  ", "Moyenne : ");
    assert_eq!(table(&text).issues().rows_rejected(), 0);
}

/// In time, and with an end to their number.
#[test]
fn sections_without_end_are_refused() {
    let title = report("web-1", "2026-11-29", 10);
    let more: String = (0..200_000)
        .map(|at| format!("00:00:00 m{at}/s n/s\n\n"))
        .collect();
    assert!(matches!(
        chunked((title + &more).as_bytes(), 1 << 16),
        Err(Error::NotCsv { .. })
    ));
}

#[test]
fn the_decimal_mark_may_be_a_comma() {
    let comma = ALL
        .replace("00 ", "00")
        .replace(".00", ",00")
        .replace(".50", ",50");
    let rows = plain(&comma);
    assert_eq!(rows.lines().nth(1).unwrap(), FIRST);
}

/// The report of one day of one host, of two sections.
fn report(host: &str, date: &str, cpu: u32) -> String {
    format!(
        "Linux 5.14.0 ({host}) \t{date} \t_x86_64_\t(2 CPU)\n
00:00:01        CPU      %usr
12:00:01        all      {cpu}.00
23:50:01        all      {cpu}.50
00:00:01        all      {cpu}.75
Average:        all      {cpu}.40

00:00:01       tps
12:00:01         {cpu}
23:50:01         5
00:00:01         6
Average:         5
"
    )
}

#[test]
fn reports_one_after_the_other_of_other_days_and_hosts_are_each_of_their_own() {
    let reports = [
        report("web-1", "11/29/2026", 10),
        report("web-1", "11/30/2026", 20),
        report("db-1", "11/30/2026", 30),
    ];
    check(
        &reports.concat(),
        &[
            "time,host,CPU %usr,tps",
            "2026-11-29T12:00:01,web-1,10,10",
            "2026-11-29T23:50:01,web-1,10.5,5",
            "2026-11-30T00:00:01,web-1,10.75,6",
            "2026-11-30T12:00:01,db-1,30,30",
            "2026-11-30T12:00:01,web-1,20,20",
            "2026-11-30T23:50:01,db-1,30.5,5",
            "2026-11-30T23:50:01,web-1,20.5,5",
            "2026-12-01T00:00:01,db-1,30.75,6",
            "2026-12-01T00:00:01,web-1,20.75,6",
        ],
    );
    // The order of day and month that one of them shows is that of all.
    let both = report("a", "12/11/2026", 1) + &report("a", "13/11/2026", 2);
    assert!(plain(&both).contains("\n2026-11-12T12:00:01,a,1,1\n"));
}

/// `sar -u` and `sar -d`, each with a title of its own.
#[test]
fn sections_of_the_same_day_in_reports_of_their_own_are_joined_too() {
    let whole = report("web-1", "11/29/2026", 10);
    let (cpu, tps) = whole.split_once("\n00:00:01       tps").unwrap();
    let title = cpu.lines().next().unwrap();
    let apart = format!("{cpu}\n{title}\n\n00:00:01       tps{tps}");
    assert_eq!(plain(&apart), plain(&whole));
    assert_eq!(table(&apart).lines(), table(&whole).lines());
}

#[test]
fn a_section_alone_has_its_day_and_host() {
    let whole = report("web-1", "11/29/2026", 10);
    check(
        whole.split_once("\n00:00:01       tps").unwrap().0,
        &[
            "time,host,CPU %usr",
            "2026-11-29T12:00:01,web-1,10",
            "2026-11-29T23:50:01,web-1,10.5",
            "2026-11-30T00:00:01,web-1,10.75",
        ],
    );
}

#[test]
fn a_host_whose_report_has_no_row_for_all_cpus_gives_the_largest_beside_one_that_has() {
    let some = report("db-1", "11/29/2026", 7).replace("   all ", "     0 ");
    let csv = plain(&(report("web-1", "11/29/2026", 5) + &some));
    let lines: Vec<&str> = csv.lines().take(3).collect();
    let expected = [
        "time,host,CPU %usr,tps,CPU max %usr",
        "2026-11-29T12:00:01,db-1,,7,7",
        "2026-11-29T12:00:01,web-1,5,5,",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_hour_that_comes_again_where_summer_time_ends_is_of_the_same_day() {
    let night = "Linux 5.14.0 (web-1) \t10/25/2026 \t_x86_64_\t(2 CPU)

01:40:01        CPU      %usr
02:00:01        all      1.00
02:50:01        all      2.00
02:00:01        all      3.00
02:50:01        all      4.00
23:50:01        all      5.00
00:00:01        all      6.00

01:40:01       tps
02:00:01         1
02:50:01         2
02:00:01         3
02:50:01         4
23:50:01         5
00:00:01         6
";
    check(
        night,
        &[
            "time,host,CPU %usr,tps",
            "2026-10-25T02:00:01,web-1,1,1",
            "2026-10-25T02:00:01,web-1,3,3",
            "2026-10-25T02:50:01,web-1,2,2",
            "2026-10-25T02:50:01,web-1,4,4",
            "2026-10-25T23:50:01,web-1,5,5",
            "2026-10-26T00:00:01,web-1,6,6",
        ],
    );
}

#[test]
fn a_row_without_a_number_and_a_remark_are_no_headers() {
    let sar = report("web-1", "11/29/2026", 10).replace(
        "23:50:01        all ",
        "12:10:01        all      -nan\n12:15:00  COM the \"new\" release\n23:50:01        all ",
    );
    check(
        &sar,
        &[
            "time,host,CPU %usr,tps",
            "2026-11-29T12:00:01,web-1,10,10",
            "2026-11-29T12:10:01,web-1,,",
            "2026-11-29T23:50:01,web-1,10.5,5",
            "2026-11-30T00:00:01,web-1,10.75,6",
        ],
    );
    assert_eq!(issues(&table(&sar))[0], "LeftOut 6 0");
}

/// Sections of other times than the first, the later ones first.
#[test]
fn times_that_only_one_section_has_are_rows_of_their_own() {
    check(
        "Linux 5.14.0 (web-1) \t11/29/2026 \t_x86_64_\t(2 CPU)

00:00:01        CPU      %usr
10:00:01        all      1.00
12:00:01        all      2.00

00:00:01       tps
09:00:01         3
11:00:01         4
12:00:01         5

00:00:01    proc/s
09:00:01         6
11:00:01         7
12:00:01         8
13:00:01         9
",
        &[
            "time,host,CPU %usr,tps,proc/s",
            "2026-11-29T09:00:01,web-1,,3,6",
            "2026-11-29T10:00:01,web-1,1,,",
            "2026-11-29T11:00:01,web-1,,4,7",
            "2026-11-29T12:00:01,web-1,2,5,8",
            "2026-11-29T13:00:01,web-1,,,9",
        ],
    );
}

#[test]
fn a_host_of_odd_letters_is_one_cell() {
    let odd = ALL.replace("web-1.example.com", "x\",y");
    assert!(plain(&odd).contains("T23:50:01,\"x\"\",y\",10,"));
    assert_eq!(
        table(&odd).columns()[1].level_at(1).as_deref(),
        Some("x\",y")
    );
    assert_every_cut(odd.as_bytes());
}

/// Lines count on from file to file, also behind the last row.
#[test]
fn reports_may_come_in_files() {
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    let first = report("web-1", "11/29/2026", 10);
    for (name, text) in [
        ("sa29", first.as_str()),
        ("sa30", &report("web-1", "11/30/2026", 20)),
    ] {
        reader.begin_file(name).unwrap();
        reader.push(text.as_bytes()).unwrap();
    }
    let table = reader.finish().unwrap();
    let n_lines = first.lines().count() as u32;
    assert_eq!(
        table.lines(),
        [4, 5, 6, n_lines + 4, n_lines + 5, n_lines + 6]
    );
    assert_eq!(table.columns().len(), 4);
}

#[test]
fn other_programs_and_what_only_looks_like_it_are_read_as_they_are() {
    let disks = "Linux 5.14.0 (web-1) \t11/29/2026 \t_x86_64_\t(2 CPU)

Device             tps    kB_read/s
sda               1.50         2.00
sdb               2.50         3.00
";
    for text in [disks, "Linux version,crashed\n5.14,0\n6.1,1\n"] {
        let table = table(text);
        assert_eq!((table.dialect().layout, table.n_rows()), (Layout::Rows, 2));
    }
    let later = ALL.replacen(" \t11/29", "\n11/29", 1);
    assert_eq!(table(later).dialect().layout, Layout::Rows);
}

/// Rows of devices are kept apart by `as_is`, and by whatever says how the text is written.
#[test]
fn where_the_user_says_how_a_text_is_written_it_is_a_table_as_it_stands() {
    let text = "Linux 5.10.0 (web-1) \t01/02/2024 \t_x86_64_\t(4 CPU)\n\n\
        00:00:01        CPU     %user     %idle\n\
        00:10:01        all      1.50     98.50\n\
        00:20:01        0        2.50     97.50\n\n\
        00:30:01        CPU     %user     %idle\n\
        00:40:01        all      3.50     96.50\n\
        Average:        all      2.50     97.50\n";
    let space = || Some(" ".to_owned());
    let all = [
        ReadOptions {
            as_is: true,
            ..ReadOptions::default()
        },
        ReadOptions {
            delimiter: space(),
            ..ReadOptions::default()
        },
        ReadOptions {
            quote: Some("'".to_owned()),
            ..ReadOptions::default()
        },
        ReadOptions {
            comment: Some(";".to_owned()),
            ..ReadOptions::default()
        },
        ReadOptions {
            header: Some(true),
            ..ReadOptions::default()
        },
    ];
    for options in all {
        let table = Table::from_csv(text.as_bytes(), &options).unwrap();
        assert_eq!(table.dialect().layout, Layout::Rows, "{options:?}");
        assert_eq!(table.columns()[2].name, "%user");
        let users = Values::Number(vec![1.5, 2.5, 3.5].into());
        assert_eq!(table.columns()[2].values, users);
        assert_eq!(
            issues(&table),
            ["LeftOut 1 0", "LeftOut 7 0", "LeftOut 9 0"]
        );
    }
}

/// A day of every second, and more.
#[test]
fn what_is_too_long_to_be_joined_is_refused() {
    let names: String = (0..1000).map(|at| format!(" m{at}/s")).collect();
    let cells = " 1".repeat(1000);
    let mut text = format!("Linux 6.1.0 (web-1) 2026-11-29 _x86_64_ (2 CPU)\n\n00:00:00{names}\n");
    for second in 1..8_500 {
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        text += &format!("{hour:02}:{minute:02}:{second:02}{cells}\n");
    }
    let refused = chunked(text.as_bytes(), 1 << 16).unwrap_err();
    let said = "this is a report of sar too long to be joined by time, not a CSV log; give fewer days or sections at once";
    assert_eq!(refused.to_string(), said);
    assert!(matches!(refused, Error::NotCsv { .. }));
}

proptest! {
    /// Lines in any order, cut and damaged: never a panic, the same table however it is cut, and no row that comes from nowhere.
    #[test]
    fn whatever_comes_is_read(picks in prop::collection::vec((0..28_usize, 0..9_usize), 0..60), size in 1..200_usize) {
        let lines: Vec<&str> = ALL.lines().collect();
        let mut text = format!("{}\n{}\n", lines[0], lines[4]);
        for (line, damage) in picks {
            let line = lines[line % lines.len()];
            text += match damage {
                0 => line.get(..line.len() / 2).unwrap_or_default(),
                1 => line.get(9..).unwrap_or_default(),
                _ => line,
            };
            text.push('\n');
        }
        let whole = chunked(text.as_bytes(), text.len());
        prop_assert_eq!(&whole, &chunked(text.as_bytes(), size));
        if let Ok(table) = whole {
            prop_assert_eq!(table.issues().rows_used(), table.n_rows() as u64);
            prop_assert!(table.lines().iter().all(|&line| line as usize <= text.lines().count()));
            let Values::Time(times) = &table.columns()[0].values else { panic!("{:?}", table.columns()[0]) };
            prop_assert!(times.is_sorted());
            prop_assert!(format_time(times[0]).starts_with("2026-"));
        }
    }
}
