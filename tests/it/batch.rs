//! A whole log scored: CSV in, CSV out, the same however it is cut, and no row lost.

use crash_predictor::batch::{CsvScorer, ScoreOptions, ScoreSummary};
use crash_predictor::evaluate::alarms::AlarmEvent;
use crash_predictor::features::WarningCode;
use crash_predictor::monitor::{Monitor, Page};
use crash_predictor::table::Column;
use crash_predictor::table::{MAX_FIELD_BYTES, MAX_RECORD_BYTES, format_number};
use crash_predictor::{CrashPredictor, Error, OwnedCell, ReadOptions, Result, Table, sample};
use proptest::prelude::*;

use crate::{MIXED, SAMPLE, mixed_csv, trained_on};

/// The output and the summary of a log that comes in these chunks.
fn score<'a>(
    predictor: &CrashPredictor,
    options: &ScoreOptions,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Vec<u8>, ScoreSummary)> {
    let mut scorer = CsvScorer::new(predictor.clone(), options)?;
    let mut out = Vec::new();
    for chunk in chunks {
        out.extend(scorer.push(chunk)?);
    }
    out.extend(scorer.finish()?);
    let summary = scorer.summary();
    assert_eq!(
        summary.rows_read,
        summary.rows_scored + summary.rows_unreadable
    );
    assert_eq!(summary.rows_read, summary.issues.rows_read);
    Ok((out, summary))
}

fn score_mixed(input: &str) -> Result<(Vec<u8>, ScoreSummary)> {
    score(&MIXED.1, &ScoreOptions::default(), [input.as_bytes()])
}

/// `expected` with every `*` replaced by the two cells of the next row of `table` that could be read.
fn fill(expected: &str, predictor: &CrashPredictor, table: &Table) -> String {
    let answers = predictor.predict_table(table).unwrap();
    let delimiter = table.dialect().delimiter;
    let cells = answers.probabilities.iter().zip(&answers.predictions);
    let mut cells =
        cells.map(|(p, crash)| format!("{delimiter}{}{delimiter}{crash}", format_number(*p)));
    let parts: Vec<&str> = expected.split('*').collect();
    let mut filled = parts[0].to_owned();
    for part in &parts[1..] {
        filled += &cells.next().unwrap();
        filled += part;
    }
    assert_eq!(cells.next(), None, "a row more was read than expected");
    filled
}

#[track_caller]
fn check(input: &str, expected: &str) {
    let table = Table::from_csv(input.as_bytes(), &ReadOptions::default()).unwrap();
    let (out, summary) = score_mixed(input).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&out),
        fill(expected, &MIXED.1, &table)
    );
    assert_eq!(summary.rows_scored, table.n_rows() as u64);
    assert_eq!(summary.issues.rows_rejected, table.issues().rows_rejected());
    // However it is cut: in two at every byte, and into single bytes.
    for cut in 0..=input.len() {
        let (a, b) = input.as_bytes().split_at(cut);
        let cut_out = score(&MIXED.1, &ScoreOptions::default(), [a, b]).unwrap();
        assert_eq!(cut_out, (out.clone(), summary.clone()), "cut at byte {cut}");
    }
    let single = score(
        &MIXED.1,
        &ScoreOptions::default(),
        input.as_bytes().chunks(1),
    );
    assert_eq!(single.unwrap(), (out, summary));
}

#[test]
fn two_cells_are_appended_to_every_row() {
    check(
        "cpu_pct,tier\n97,web\n3.50,db\n",
        "cpu_pct,tier,crash_probability,crash_prediction\n97,web*\n3.50,db*\n",
    );
}

#[test]
fn the_last_line_end_may_be_missing() {
    check(
        "cpu_pct,tier\n97,web",
        "cpu_pct,tier,crash_probability,crash_prediction\n97,web*\n",
    );
}

#[test]
fn line_ends_stay() {
    check(
        "cpu_pct,tier\r\n97,web\r\n3,db\r\n",
        "cpu_pct,tier,crash_probability,crash_prediction\r\n97,web*\r\n3,db*\r\n",
    );
}

#[test]
fn a_semicolon_and_a_tab_stay() {
    check(
        "cpu_pct;tier\n97;web\n3;db\n",
        "cpu_pct;tier;crash_probability;crash_prediction\n97;web*\n3;db*\n",
    );
    check(
        "cpu_pct\ttier\n97\tweb\n",
        "cpu_pct\ttier\tcrash_probability\tcrash_prediction\n97\tweb*\n",
    );
}

#[test]
fn a_row_keeps_its_bytes() {
    check(
        "\u{feff}note,cpu_pct,\"tier\"\n\"a \"\"b\"\", c\nd\", 97 ,\"web\"\nü,n/a,\n",
        "note,cpu_pct,\"tier\",crash_probability,crash_prediction\n\"a \"\"b\"\", c\nd\", 97 ,\"web\"*\nü,n/a,*\n",
    );
}

#[test]
fn lines_that_are_no_part_of_the_table_stay() {
    check(
        "made today\n\n# a note\ncpu_pct,tier\n97,web\ncpu_pct,tier\n3,db,\n",
        "made today\n# a note\ncpu_pct,tier,crash_probability,crash_prediction\n97,web*\ncpu_pct,tier\n3,db*\n",
    );
    check(
        "cpu_pct,host\n,\"name\"\n97,a\n3,b\n",
        "cpu_pct,host,,\n,\"name\",crash_probability,crash_prediction\n97,a*\n3,b*\n",
    );
}

/// As in logs that were put together by `cat`: what is scored is in the same parts.
#[test]
fn behind_a_header_of_other_names_rows_go_by_these() {
    check(
        "cpu_pct,tier\n97,web\ntier,cpu_pct\ndb,3.5\nweb,97\n",
        "cpu_pct,tier,crash_probability,crash_prediction\n97,web*\ntier,cpu_pct,crash_probability,crash_prediction\ndb,3.5*\nweb,97*\n",
    );
    check(
        "cpu_pct,tier\n97,web\n3\n\ncpu_pct,x,tier\n1,2,web\n3,4,db\n5,db\ncpu_pct,tier\n3,db\n",
        "cpu_pct,tier,crash_probability,crash_prediction\n97,web*\n3,,,\ncpu_pct,x,tier,crash_probability,crash_prediction\n1,2,web*\n3,4,db*\n5,db,,,\ncpu_pct,tier,crash_probability,crash_prediction\n3,db*\n",
    );
}

#[test]
fn parts_behind_each_other_are_scored_as_each_alone() {
    let parts = [
        "time,cpu_pct,tier\n2026-01-01,97,web\n2026-01-02,3,db\n",
        "time,tier,cpu_pct,crash_probability\n2026-01-03,web,97,0.5\n2026-01-04,db,4,0.5\n",
        "time,cpu_pct{host=\"a\"},tier{host=\"a\"}\n2026-01-05,98,web\n2026-01-06,5,db\n",
        "time,tier,cpu_pct\n2026-01-07,web,97\n",
    ];
    for parts in [&parts[..2], &parts[2..3], &parts[1..2]] {
        let alone = parts.iter().map(|part| score_mixed(part).unwrap().0);
        let alone: Vec<u8> = alone.flatten().collect();
        let (together, summary) = score_mixed(&parts.concat()).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&together),
            String::from_utf8_lossy(&alone)
        );
        assert_eq!(summary.rows_scored, 2 * parts.len() as u64);
    }
    // Once columns are those of hosts, a row without one has no place, which is said.
    let (_, summary) = score_mixed(&parts.concat()).unwrap();
    assert_eq!((summary.rows_scored, summary.rows_unreadable), (6, 1));
    assert_eq!(summary.issues.kept.last().unwrap().code, "NotPlaced");
}

#[test]
fn aligned_columns_and_other_quotes_stay() {
    check(
        "cpu_pct   tier\n  97      web\n\n   3  \n   4      db\n",
        "cpu_pct   tier crash_probability crash_prediction\n  97      web*\n   3   - - -\n   4      db*\n",
    );
    check(
        "cpu_pct,tier\n'97','we, b'\n3,db\n",
        "cpu_pct,tier,crash_probability,crash_prediction\n'97','we, b'*\n3,db*\n",
    );
}

#[test]
fn blank_lines_are_no_rows() {
    check(
        "\ncpu_pct,tier\n\n97,web\n\n",
        "cpu_pct,tier,crash_probability,crash_prediction\n97,web*\n",
    );
}

#[test]
fn a_row_that_cannot_be_read_keeps_its_line_and_gets_two_empty_cells() {
    let header = "cpu_pct,tier,crash_probability,crash_prediction\n";
    // Too short, filled up; too long; a NUL byte; a quote that is never closed.
    check(
        "cpu_pct,tier\n97\n3,db\n",
        &format!("{header}97,,,\n3,db*\n"),
    );
    check(
        "cpu_pct,tier\n97,web,x\n3,db\n",
        &format!("{header}97,web,x,,\n3,db*\n"),
    );
    check(
        "cpu_pct,tier\n9\x007,web\n3,db\n",
        &format!("{header}9\x007,web,,\n3,db*\n"),
    );
    check(
        "cpu_pct,tier\n3,db\n97,\"web\n4,db\n",
        &format!("{header}3,db*\n97,\"web,,\n4,db*\n"),
    );
}

#[test]
fn bytes_that_are_no_text_stay_as_they_were() {
    let (out, summary) = score(
        &MIXED.1,
        &ScoreOptions::default(),
        [&b"cpu_pct,tier\n97,w\xffb\n3,db\n"[..]],
    )
    .unwrap();
    let line = out.split(|&byte| byte == b'\n').nth(1).unwrap();
    assert_eq!(line, b"97,w\xffb,,");
    assert_eq!((summary.rows_scored, summary.rows_unreadable), (1, 1));
}

#[test]
fn an_earlier_prediction_is_replaced_and_the_summary_says_so() {
    let input =
        "crash_prediction,cpu_pct,crash_probability,tier\n1,97,0.5,\"w, \"\"b\"\"\"\n0,3,0.1,db\n";
    check(
        input,
        "cpu_pct,tier,crash_probability,crash_prediction\n97,\"w, \"\"b\"\"\"*\n3,db*\n",
    );
    let warnings = score_mixed(input).unwrap().1.warnings;
    let replaced = warnings
        .iter()
        .filter(|warning| warning.code == WarningCode::ReplacedColumn);
    let replaced: Vec<_> = replaced
        .map(|warning| warning.column.as_deref().unwrap())
        .collect();
    assert_eq!(replaced, ["crash_prediction", "crash_probability"]);
}

#[test]
fn under_a_replaced_column_the_cells_of_unreadable_rows_stay_in_line() {
    check(
        "cpu_pct,tier,crash_probability\n9\x007,web,0.5\n3\n3,db,0.1\n",
        "cpu_pct,tier,crash_probability,crash_prediction\n9\x007,web,,\n3,,,\n3,db*\n",
    );
}

/// Its bytes are gone, its line is not.
#[test]
fn a_row_too_long_to_be_kept_is_left_empty() {
    let cell = "x".repeat(MAX_FIELD_BYTES);
    let long = vec![cell.as_str(); MAX_RECORD_BYTES / MAX_FIELD_BYTES + 1].join(",");
    let input = format!("cpu_pct,tier\n97,web\n{long}\n3,db\n");
    let (out, summary) = score_mixed(&input).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.lines().nth(2), Some(",,,"));
    assert_eq!((summary.rows_scored, summary.rows_unreadable), (2, 1));
}

#[test]
fn scoring_what_was_scored_gives_the_same_bytes() {
    let once = score_mixed(&mixed_csv()).unwrap().0;
    let twice = score_mixed(std::str::from_utf8(&once).unwrap()).unwrap().0;
    assert_eq!(once, twice);
}

#[test]
fn the_threshold_decides_and_can_be_chosen() {
    let input = mixed_csv();
    let crashes = |threshold| {
        let options = ScoreOptions {
            threshold,
            ..ScoreOptions::default()
        };
        let (out, summary) = score(&MIXED.1, &options, [input.as_bytes()]).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out.lines().filter(|line| line.ends_with(",1")).count() as u64,
            summary.crashes
        );
        summary.crashes
    };
    let probabilities = MIXED.1.predict_table(&MIXED.0).unwrap().probabilities;
    let at_least =
        |threshold: f64| probabilities.iter().filter(|&&p| p >= threshold).count() as u64;
    assert_eq!(crashes(None), at_least(MIXED.1.threshold()));
    assert_eq!(crashes(Some(probabilities[7])), at_least(probabilities[7]));
    assert_eq!(crashes(Some(f64::MIN_POSITIVE)), 360);
    for bad in [0.0, -0.5, 1.5, f64::NAN, f64::INFINITY] {
        let options = ScoreOptions {
            threshold: Some(bad),
            ..ScoreOptions::default()
        };
        let refused = CsvScorer::new(MIXED.1.clone(), &options).err();
        assert!(
            matches!(
                refused,
                Some(Error::BadOption {
                    option: "threshold",
                    ..
                })
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn a_log_without_a_header_gets_none() {
    let rows = |i: u32| {
        format!(
            "{},{},{}\n",
            i * 37 % 100,
            i % 7,
            u8::from(i * 37 % 100 > 80)
        )
    };
    let csv: String = (0..200).map(rows).collect();
    let options = ReadOptions {
        header: Some(false),
        ..ReadOptions::default()
    };
    let table = Table::from_csv(csv.as_bytes(), &options).unwrap();
    let predictor = trained_on(format!("column_1,column_2,crashed\n{csv}").as_bytes()).1;
    let input = ScoreOptions {
        read: options,
        ..ScoreOptions::default()
    };
    let (out, _) = score(&predictor, &input, [csv.as_bytes()]).unwrap();
    let expected = csv.replace('\n', "*\n");
    assert_eq!(
        String::from_utf8(out).unwrap(),
        fill(&expected, &predictor, &table)
    );
}

#[track_caller]
fn check_refused(input: &str, expected: Error) {
    assert_eq!(score_mixed(input).unwrap_err(), expected);
}

#[test]
fn a_log_of_nothing_is_refused() {
    check_refused("", Error::Empty);
    check_refused("\n\r\n\n", Error::Empty);
    check_refused("cpu_pct,tier\n", Error::NoRows { rejected: 0 });
    check_refused("cpu_pct,tier\n1\n1,2,3\n", Error::NoRows { rejected: 2 });
    check_refused("\"cpu_pct,tier\n", Error::NoRows { rejected: 1 });
    let needed = ["__proto__", "backup", "cpu_pct", "tier"]
        .map(str::to_owned)
        .to_vec();
    check_refused("a,b\n1,2\n", Error::MissingColumns { needed });
    let zip = score(
        &MIXED.1,
        &ScoreOptions::default(),
        [&b"PK\x03\x04rest of it"[..]],
    );
    assert!(matches!(zip, Err(Error::NotCsv { .. })));
}

/// The sample log is several batches long.
#[test]
fn the_sample_log_is_scored_digit_for_digit_as_its_table() {
    let csv = String::from_utf8(crash_predictor::sample::csv(0)).unwrap();
    let (out, summary) = score(&SAMPLE.1, &ScoreOptions::default(), [csv.as_bytes()]).unwrap();
    let (header, rows) = csv.split_once('\n').unwrap();
    let expected = format!(
        "{header},crash_probability,crash_prediction\n{}",
        rows.replace('\n', "*\n")
    );
    assert!(out == fill(&expected, &SAMPLE.1, &SAMPLE.0).as_bytes());
    let answers = SAMPLE.1.predict_table(&SAMPLE.0).unwrap();
    assert_eq!(summary.rows_scored, 20_160);
    assert_eq!(
        summary.crashes,
        answers
            .predictions
            .iter()
            .map(|&crash| u64::from(crash))
            .sum::<u64>()
    );
    assert_eq!(summary.warnings, answers.warnings);
    assert_eq!(summary.drift, SAMPLE.1.drift(&SAMPLE.0).unwrap());
    // The digits that are written are the bits that were computed.
    let written = String::from_utf8(out).unwrap();
    for (line, p) in written.lines().skip(1).zip(&answers.probabilities) {
        let cell = line.rsplit(',').nth(1).unwrap();
        assert_eq!(cell.parse::<f64>().unwrap().to_bits(), p.to_bits());
    }
}

/// What is odd in the cells is counted over all batches as over one table.
#[test]
fn warnings_are_counted_over_the_whole_log() {
    let rows = |i: u32| {
        format!(
            "{},{}\n",
            if i % 1000 == 7 { 500 } else { 50 },
            if i % 900 == 1 { "cloud" } else { "web" }
        )
    };
    let csv = "cpu_pct,tier\n".to_owned() + &(0..10_000).map(rows).collect::<String>();
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    let warnings = score_mixed(&csv).unwrap().1.warnings;
    let codes: Vec<WarningCode> = warnings.iter().map(|warning| warning.code).collect();
    use WarningCode::{MissingColumn, OutOfRange, UnknownLevel};
    assert_eq!(codes, [MissingColumn, OutOfRange, UnknownLevel]);
    assert_eq!(warnings, MIXED.1.predict_table(&table).unwrap().warnings);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn chunks_of_any_size_change_nothing(sizes in prop::collection::vec(1usize..200_000, 1..20)) {
        let csv = crash_predictor::sample::csv(0);
        let mut rest = csv.as_slice();
        let mut chunks = Vec::new();
        for size in sizes.iter().cycle() {
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let options = ScoreOptions::default();
        let found = score(&SAMPLE.1, &options, chunks).unwrap();
        prop_assert!(found == score(&SAMPLE.1, &options, [csv.as_slice()]).unwrap());
    }
}

/// Bytes that a CSV is made of, often enough to reach every branch, and any others.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "cpu_pct", "tier", "backup", "crash_probability", "97", "-1e308", "web", "yes", "n/a", "2024-03-04", "ü",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        4 => prop::sample::select(vec![",", "\n", "\r\n", ";", "\"", "\"\"", " ", "\r", "\0", "\u{feff}"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_bytes_are_a_panic_and_no_cut_matters(head in any::<bool>(), tail in bytes(), at in any::<prop::sample::Index>()) {
        let mut input = if head { b"cpu_pct,tier,crash_probability\n50,web,1\n".to_vec() } else { Vec::new() };
        input.extend(tail);
        let (a, b) = input.split_at(at.index(input.len() + 1));
        let options = ScoreOptions::default();
        let whole = score(&MIXED.1, &options, [input.as_slice()]);
        prop_assert_eq!(score(&MIXED.1, &options, [a, b]), whole.clone());
        if let Ok((out, summary)) = whole {
            // As many rows come out as went in, unless an open quote or a lost line end swallows what is appended.
            let plain = !input.iter().any(|byte| matches!(byte, b'"' | b'\r'));
            if plain && summary.rows_unreadable == 0 {
                let again = score(&MIXED.1, &options, [out.as_slice()]).unwrap().1;
                prop_assert_eq!(again.rows_scored, summary.rows_scored);
            }
        }
    }
}

#[test]
fn a_scorer_that_failed_stays_failed() {
    let mut scorer = CsvScorer::new(SAMPLE.1.clone(), &ScoreOptions::default()).unwrap();
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 70_000]].concat();
    let error = scorer.push(&png).unwrap_err();
    assert_eq!(scorer.push(b"cpu_pct\n5\n").unwrap_err(), error);
    assert_eq!(scorer.finish().unwrap_err(), error);
}

/// The output, the summary and the pages of a log that comes in pieces of so many bytes, asked for its pages after each.
fn watch(
    predictor: &CrashPredictor,
    options: &ScoreOptions,
    (csv, size): (&[u8], usize),
) -> (Vec<u8>, ScoreSummary, Vec<Page>) {
    let mut scorer = CsvScorer::new(predictor.clone(), options).unwrap();
    let (mut out, mut pages) = (Vec::new(), Vec::new());
    for chunk in csv.chunks(size) {
        out.extend(scorer.push(chunk).unwrap());
        pages.extend(scorer.pages().unwrap());
    }
    out.extend(scorer.finish().unwrap());
    pages.extend(scorer.pages().unwrap());
    (out, scorer.summary(), pages)
}

#[test]
fn a_log_that_is_watched_raises_what_a_monitor_raises_however_it_is_cut() {
    let (table, predictor) = &*SAMPLE;
    let csv = sample::csv(0);
    let mut monitor = Monitor::new(predictor.clone(), predictor.alarm_rule());
    let mut expected = Vec::new();
    for row in 0..table.n_rows() {
        let text = |column: &Column| column.level_at(row).unwrap_or_default().into_owned();
        let cells = table.columns().iter();
        let cells = cells.map(|column| (column.name.clone(), OwnedCell::Text(text(column))));
        let seen = monitor.push(cells.collect()).unwrap();
        if seen.event == AlarmEvent::Raised {
            expected.push(Page {
                time: Some(text(table.column("timestamp").unwrap())),
                host: seen.host,
                probability: seen.probability,
            });
        }
    }
    assert!(expected.len() > 10);
    let (unwatched, summary) = score(predictor, &ScoreOptions::default(), [&csv[..]]).unwrap();
    assert_eq!(summary.pages, None);
    for size in [997, 1 << 17, csv.len()] {
        let options = ScoreOptions {
            watch: true,
            ..ScoreOptions::default()
        };
        let (out, summary, pages) = watch(predictor, &options, (&csv, size));
        assert_eq!(pages, expected);
        assert_eq!(summary.pages, Some(expected.len() as u64));
        assert_eq!(out, unwatched);
    }
}

/// A log that has just begun, row by row.
#[test]
fn a_log_that_grows_slowly_is_watched_from_its_third_line_on() {
    let options = ScoreOptions {
        watch: true,
        threshold: Some(0.000_001),
        ..ScoreOptions::default()
    };
    let needed = MIXED.1.alarm_rule().needed as usize;
    let mut scorer = CsvScorer::new(MIXED.1.clone(), &options).unwrap();
    let mut n_pages = 0;
    for row in 0..20 {
        let header = if row == 0 { "cpu_pct;tier\n" } else { "" };
        let csv = format!("{header}9{row},5;web\n");
        scorer.push(csv.as_bytes()).unwrap();
        n_pages += scorer.pages().unwrap().len();
        assert_eq!(n_pages, usize::from(row + 1 >= needed.max(2)), "row {row}");
    }
    let summary = scorer.summary();
    assert_eq!((summary.rows_scored, summary.rows_unreadable), (20, 0));
}

#[test]
fn of_a_log_with_counters_and_bad_rows_the_pages_are_those_of_its_rates_and_good_rows() {
    let mut csv = "time,requests_total,crashed\n".to_owned();
    let mut total = 0;
    for minute in 0..1200 {
        let is_busy = minute % 100 >= 90;
        total += 600 + minute * 7 % 60 + 600 * i32::from(is_busy);
        let (hour, minute) = (minute / 60, minute % 60);
        let day = 1 + hour / 24;
        let time = format!("2026-01-{day:02} {:02}:{minute:02}:00", hour % 24);
        csv += &format!("{time},{total},{}\n", u8::from(is_busy));
    }
    let read = ReadOptions {
        rates: vec!["requests_total".to_owned()],
        ..ReadOptions::default()
    };
    let table = Table::from_csv(csv.as_bytes(), &read).unwrap();
    let options = crash_predictor::TrainOptions::default();
    let predictor = CrashPredictor::train(&table, &options, &mut |_| {
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    // A row too long and one cut off, amid the busiest minutes.
    let bad = csv.replace("2026-01-01 01:35:00,", "2026-01-01 01:35:00,1,") + "2026-01-01 20";
    let options = ScoreOptions {
        watch: true,
        ..ScoreOptions::default()
    };
    let (_, summary, pages) = watch(&predictor, &options, (bad.as_bytes(), 1000));
    assert_eq!((summary.rows_unreadable, summary.rows_scored), (2, 1199));
    assert_eq!(pages.len(), 12, "{pages:?}");
    for page in pages {
        let minute: u32 = page.time.unwrap()[14..16].parse().unwrap();
        assert!(
            minute % 10 <= 2,
            "{minute}: soon after the busy minutes began"
        );
    }
}
