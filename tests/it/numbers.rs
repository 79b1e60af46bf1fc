//! Numbers from and to text are those of std.

use crash_predictor::numerals::{format_fixed, format_number};
use crash_predictor::table::{Cell, classify};
use proptest::prelude::*;

#[track_caller]
fn check(text: &str) {
    let expected = text.parse::<f64>().ok().filter(|value| value.is_finite());
    let found = match classify(text) {
        Cell::Number(number) => Some(number),
        Cell::Text(_) => None,
        other => panic!("{text} is {other:?}"),
    };
    // A minus before a zero is not kept.
    let bits = |number: f64| (number + 0.0).to_bits();
    assert_eq!(
        found.map(bits),
        expected.map(bits),
        "{text}: {found:?}, not {expected:?}"
    );
}

#[test]
fn ties_and_edges() {
    for text in [
        "9007199254740993",
        "9007199254740993.00000000000000000000000000000000001",
        "9007199254740995",
        "-18014398509481990",
        "1.7976931348623157e308",
        "1.7976931348623158079e308",
        "1.7976931348623159e308",
        "1e309",
        "1e99999999999999999999",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "-1e-99999999999999999999",
        "0.500000000000000166533453693773481063544750213623046875",
        "0.000000000000000000000000000000000000001",
        "123456789012345678901234567890",
        "1e23",
        "8.5e22",
        "1.e5",
        ".5e1",
        "5e+3",
        "0e999999",
        "000000000000000000000000012345678901234567890123",
    ] {
        check(text);
    }
    // A tie whose digits end, and one that a digit far behind breaks.
    let tie = "9007199254740993.".to_owned() + &"0".repeat(2000);
    check(&tie);
    check(&(tie + "1"));
    check(&("1".repeat(1500) + "e-1400"));
    check(&("0.".to_owned() + &"0".repeat(1000) + "7e1003"));
}

/// As std writes it.
fn written(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if (1e-5..1e21).contains(&size) || !size.is_finite() => format!("{number}"),
        _ => format!("{number:e}"),
    }
}

#[test]
fn numbers_are_written_as_std_writes_them() {
    let special = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.0, -0.0];
    let edges = [
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        1.5e-323,
        1e23,
        9.5e-6,
        1e-5,
        1e21,
        9.999_999_999_999_999e20,
    ];
    let twos = (-1074..1024).map(|power| libm::ldexp(1.0, power));
    let tens = (-323..309).map(|power| format!("1e{power}").parse().unwrap());
    let plain = [
        0.1,
        0.3,
        2.0 / 3.0,
        5.0,
        -120.0,
        1e15,
        123_456.789,
        9_007_199_254_740_993.0,
    ];
    for number in special
        .into_iter()
        .chain(edges)
        .chain(twos)
        .chain(tens)
        .chain(plain)
    {
        assert_eq!(format_number(number), written(number));
        for places in [0, 1, 2, 4] {
            let is_large = number.abs() >= 1e12 || number.is_nan();
            let expected = if is_large {
                written(number)
            } else {
                format!("{:.places$}", number + 0.0)
            };
            assert_eq!(format_fixed(number, places), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Every number comes back from its shortest digits, and from those of an exact fraction.
    #[test]
    fn numbers_come_back(bits: u64) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        check(&format!("{number:e}"));
        check(&format!("{number:.25e}"));
    }

    /// The middle of two neighbours, and a little more.
    #[test]
    fn middles_are_even(whole in 1_u64 << 53..1 << 54) {
        let odd = whole | 1;
        for more in ["", ".0000000000000000000000001", "e17", "e-40"] {
            check(&format!("{odd}{more}"));
        }
    }

    #[test]
    fn digits_and_exponents(text in "[-+]?[1-9][0-9]{0,40}(\\.[0-9]{0,40})?([eE][-+]?[0-9]{1,3})?") {
        check(&text);
    }

    #[test]
    fn every_number_is_written_as_std_writes_it(bits: u64, share in 0.0..1.0, large in -1e9..1e9) {
        for number in [f64::from_bits(bits), share, large, share * 1e-4, large * 1e9] {
            prop_assert_eq!(format_number(number), written(number));
        }
        for number in [share, large, share * 100.0, (large / 8.0).round() / 8.0] {
            for places in [0, 1, 2, 3, 4] {
                prop_assert_eq!(format_fixed(number, places), format!("{number:.places$}"));
            }
        }
    }
}
