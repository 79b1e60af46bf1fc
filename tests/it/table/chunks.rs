//! However the bytes are cut, the table is the same.

use proptest::prelude::*;

use super::{chunked, read, table};

#[test]
fn chunks_larger_than_the_head() {
    let rows: String = (0..20_000)
        .map(|i| format!("{i},\"a\r\n{}\",{}\r\n", i % 7, i % 2))
        .collect();
    let text = format!("id,note,crashed\r\n{rows}");
    let whole = table(&text);
    assert_eq!(whole.lines()[19_999], 40_000);
    for size in [1009, 65_535, 65_536, 65_537, 200_000] {
        assert_eq!(chunked(text.as_bytes(), size), Ok(whole.clone()), "{size}");
    }
}

/// Bytes that mean something, so that odd combinations come up.
fn csv_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b",;\"\r\n\t|12ab-. ".to_vec()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_panic_and_chunks_do_not_matter(bytes in csv_like(), size in 1_usize..40) {
        let whole = read(&bytes);
        if let Ok(table) = &whole {
            prop_assert!(table.columns().iter().all(|column| column.n_rows() == table.n_rows()));
            prop_assert_eq!(table.issues().rows_used(), table.n_rows() as u64);
        }
        prop_assert_eq!(chunked(&bytes, size), whole);
    }
}

/// Bytes that the dialect is found from, before any row is read.
const HEAD: usize = 64 << 10;

/// Lines of three fields behind a head of such: most of them rows without quotes, some odd in one way.
fn log_behind_a_head() -> impl Strategy<Value = Vec<u8>> {
    const CELLS: &[&str] = &[
        "",
        "0",
        "-0",
        "7",
        "1.5",
        "-1.25",
        "1.234",
        "0.125",
        "-123.456",
        "1234.567",
        "+3",
        "-007",
        "+01",
        "1.2.3",
        ".",
        "-",
        "5.",
        "-.5",
        "--1",
        "12345678",
        "123456789",
        "1234567.8",
        "1e5",
        " 4 ",
        "4%",
        "1;5",
        "n/a",
        "up",
        "grün",
        "2026-01-01",
        "\"q\"",
        "\"a,b\"",
        "sum:",
    ];
    const ODD: &[&[u8]] = &[
        b"",
        b" ",
        b"#,1,2",
        b"host,cpu,mem",
        b"web,cpu,mem",
        b"1,2",
        b"1,2,3,4",
        b"1,2,3,",
        b",,",
        b"\xff,1,2",
        b"\xc3\xbc,1,2",
        b"\xfc,1,2",
        b"\0,1,2",
        b"\"open,1,2",
        b"\"a\r\nb\",1,2",
    ];
    let cell = || prop::sample::select(CELLS);
    let plain = [cell(), cell(), cell()].prop_map(|cells| cells.join(",").into_bytes());
    let odd = prop::sample::select(ODD).prop_map(<[u8]>::to_vec);
    let end = prop_oneof![20 => Just("\n"), 4 => Just("\r\n"), 1 => Just("\r")];
    let line = (prop_oneof![12 => plain, 1 => odd], end);
    let lines = prop::collection::vec(line, 0..80);
    (lines, prop::sample::select(b",;\t ".to_vec())).prop_map(|(lines, delimiter)| {
        let mut log = b"host,cpu,mem\n".to_vec();
        while log.len() < HEAD {
            log.extend_from_slice(b"12,1.5,7\n");
        }
        for (line, end) in lines {
            log.extend_from_slice(&line);
            log.extend_from_slice(end.as_bytes());
        }
        for byte in log.iter_mut().filter(|byte| **byte == b',') {
            *byte = delimiter;
        }
        log
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A row that comes byte by byte is read alone, rows that come at once are read column by column.
    #[test]
    fn rows_are_the_same_alone_and_together(log in log_behind_a_head(), size in 1_usize..200) {
        let one_by_one = chunked(&log, 1);
        prop_assert_eq!(read(&log), one_by_one.clone());
        prop_assert_eq!(chunked(&log, size), one_by_one);
    }
}
