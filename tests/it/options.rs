//! Options by name: all there are, and what is none.

use std::collections::BTreeSet;

use crash_predictor::batch::ScoreOptions;
use crash_predictor::error::Error;
use crash_predictor::options::{Given, Options, export_format, read};
use crash_predictor::{Algorithm, ReadOptions, RoleOptions, TrainOptions};
use serde::Serialize;

fn one<T: Options>(name: &str, value: Given) -> Result<T, Error> {
    read(vec![(name.to_owned(), value)])
}

/// The names that the types promise are the names that are read.
#[track_caller]
fn check_names<T: Options + Default + Serialize + std::fmt::Debug>() {
    let promised = serde_json::to_value(T::default()).unwrap();
    let promised: BTreeSet<String> = promised.as_object().unwrap().keys().cloned().collect();
    match one::<T>("lable", Given::Truth(true)) {
        Err(Error::UnknownOption { name, known }) => {
            assert_eq!(name, "lable");
            assert_eq!(known.into_iter().collect::<BTreeSet<_>>(), promised);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_option_is_forgotten() {
    check_names::<ReadOptions>();
    check_names::<RoleOptions>();
    check_names::<TrainOptions>();
    check_names::<ScoreOptions>();
}

#[test]
fn nothing_is_no_value_but_its_name_must_be_one() {
    let options: TrainOptions = one("label", Given::Nothing).unwrap();
    assert_eq!(options, TrainOptions::default());
    let misspelt = one::<TrainOptions>("lable", Given::Nothing);
    assert!(matches!(misspelt, Err(Error::UnknownOption { .. })));
}

#[test]
fn options_are_read_by_name() {
    let text = |text: &str| Given::Text(text.to_owned());
    let given = vec![
        ("label".to_owned(), text("down")),
        ("ignore".to_owned(), Given::Texts(vec!["id".to_owned()])),
        ("algorithm".to_owned(), text("forest")),
        ("seed".to_owned(), Given::Number(7.0)),
        ("horizonMinutes".to_owned(), Given::Number(2.5)),
    ];
    let options: TrainOptions = read(given).unwrap();
    let roles = RoleOptions {
        label: Some("down".to_owned()),
        ignore: vec!["id".to_owned()],
        horizon_minutes: Some(2.5),
        ..RoleOptions::default()
    };
    let expected = TrainOptions {
        roles,
        algorithm: Algorithm::Forest,
        seed: 7,
        ..TrainOptions::default()
    };
    assert_eq!(options, expected);
    assert_eq!(
        read::<TrainOptions>(Vec::new()).unwrap(),
        TrainOptions::default()
    );
    let options: ScoreOptions = one("header", Given::Truth(false)).unwrap();
    assert_eq!(options.read.header, Some(false));
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_what_is_taken() {
    let told = |name: &str, value| one::<TrainOptions>(name, value).unwrap_err().to_string();
    let cases = [
        (
            "threshold",
            Given::Text("high".to_owned()),
            "`threshold` is \"high\"; it takes a number",
        ),
        (
            "label",
            Given::Number(1.5),
            "`label` is 1.5; it takes a text",
        ),
        (
            "ignore",
            Given::Text("id".to_owned()),
            "`ignore` is \"id\"; it takes a list of texts",
        ),
        (
            "features",
            Given::Pairs(Vec::new()),
            "`features` is an object; it takes a list of texts",
        ),
        (
            "seed",
            Given::Number(-1.0),
            "`seed` is -1; it takes a whole number from 0 to 4294967295",
        ),
        (
            "seed",
            Given::Number(0.5),
            "`seed` is 0.5; it takes a whole number from 0 to 4294967295",
        ),
        (
            "select",
            Given::Truth(true),
            "`select` is true; it takes \"simplest\" or \"best\"",
        ),
        (
            "algorithm",
            Given::Text("oracle".to_owned()),
            "`algorithm` is \"oracle\"; it takes \"auto\", \"logistic\", \"boosting\" or \"forest\"",
        ),
    ];
    for (name, value, expected) in cases {
        assert_eq!(told(name, value), expected);
    }
    assert!(one::<ReadOptions>("header", Given::Texts(Vec::new())).is_err());
    assert_eq!(
        export_format("xml").unwrap_err().to_string(),
        "`format` is \"xml\"; it takes \"json\""
    );
}
