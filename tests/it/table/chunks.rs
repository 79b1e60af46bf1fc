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
