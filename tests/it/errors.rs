//! The one test that owns the texts of the errors, and their codes, which programs branch on.

use crash_predictor::Error;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Every variant with the code and the text it must have.
fn cases() -> Vec<(Error, &'static str, &'static str)> {
    vec![
        (
            Error::Empty,
            "Empty",
            "the file is empty; choose a CSV log with a header line and one row for each measurement",
        ),
        (
            Error::NoRows { rejected: 3 },
            "NoRows",
            "the log holds no usable rows (3 could not be read); it needs one row for each measurement",
        ),
        (
            Error::NotCsv {
                found: "a PNG image",
                advice: "export it as CSV text and try again",
            },
            "NotCsv",
            "this is a PNG image, not a CSV log; export it as CSV text and try again",
        ),
        (
            Error::Encoding {
                expected: "UTF-8",
                offset: 17,
            },
            "Encoding",
            "byte 17 is not UTF-8 text; save the log as UTF-8 and try again",
        ),
        (
            Error::TooManyColumns {
                found: 20_000,
                limit: 10_000,
            },
            "TooManyColumns",
            "20000 columns are too many, at most 10000 can be used; leave out those that say nothing of a crash",
        ),
        (
            Error::NoLabel {
                candidates: Vec::new(),
            },
            "NoLabel",
            "no column says whether the server crashed; name it as the label",
        ),
        (
            Error::NoLabel {
                candidates: names(&["a", "b"]),
            },
            "NoLabel",
            "no column says whether the server crashed; name it as the label (columns with two values: \"a\", \"b\")",
        ),
        (
            Error::UnknownColumn {
                column: "cup".to_owned(),
                option: "label",
                available: names(&["cpu", "mem"]),
            },
            "UnknownColumn",
            "there is no column \"cup\" for `label`; the log has \"cpu\", \"mem\"",
        ),
        (
            Error::UnknownPositive {
                column: "crashed".to_owned(),
                positive: "ja".to_owned(),
                found: names(&["no", "yes"]),
            },
            "UnknownPositive",
            "\"ja\" does not occur in the label column \"crashed\"; it holds \"no\", \"yes\"",
        ),
        (
            Error::BadLabel {
                column: "load".to_owned(),
                problem: "holds 812 different values".to_owned(),
            },
            "BadLabel",
            "the label column \"load\" holds 812 different values; name a column with one value for a crash and another for none",
        ),
        (
            Error::OneClass {
                column: "crashed".to_owned(),
                value: "0".to_owned(),
                rows: 40,
            },
            "OneClass",
            "all 40 rows of the label column \"crashed\" hold \"0\"; a log with crashes and without is needed",
        ),
        (
            Error::TooFewRows {
                what: "with a crash",
                found: 1,
                needed: 2,
            },
            "TooFewRows",
            "1 rows with a crash are too few to learn from and to check on; at least 2 are needed",
        ),
        (
            Error::NoFeatures,
            "NoFeatures",
            "no column is left to learn from: every one is the label, time, host, constant, empty or ignored",
        ),
        (
            Error::MissingColumns {
                needed: names(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]),
            },
            "MissingColumns",
            "none of the model's columns is given (\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\", \"j\" and 2 more); is it the right log?",
        ),
        (
            Error::BadOption {
                option: "threshold",
                found: "2".to_owned(),
                expected: "a probability above 0 and up to 1",
            },
            "BadOption",
            "`threshold` is 2; it takes a probability above 0 and up to 1",
        ),
        (
            Error::BadOptions {
                problem: "not an object".to_owned(),
            },
            "BadOption",
            "the options cannot be used: not an object",
        ),
        (
            Error::UnknownOption {
                name: "lable".to_owned(),
                known: names(&["label", "time"]),
            },
            "UnknownOption",
            "there is no option \"lable\"; there are \"label\", \"time\"",
        ),
        (
            Error::BadIncidents {
                problem: "no column of it holds when an incident started",
            },
            "BadIncidents",
            "the list of incidents cannot be used: no column of it holds when an incident started; it needs a column \"start\", \
             and may have \"end\" and \"host\"",
        ),
        (
            Error::BadRule {
                position: 9,
                expected: "a number",
                found: "high".to_owned(),
            },
            "BadRule",
            "character 9 of the rule: expected a number, found \"high\"",
        ),
        (
            Error::BadRule {
                position: 14,
                expected: "a column",
                found: String::new(),
            },
            "BadRule",
            "character 14 of the rule: expected a column, found nothing more",
        ),
        (
            Error::RowLength {
                found: 2,
                expected: 7,
            },
            "RowLength",
            "2 values were given; the model has 7 columns",
        ),
        (Error::Cancelled, "Cancelled", "training was cancelled"),
        (
            Error::NotConverged { iterations: 100 },
            "NotConverged",
            "the logistic regression did not converge within 100 steps; a column may hold extreme values",
        ),
        (
            Error::NotAModel,
            "NotAModel",
            "this is not a crash-predictor model file",
        ),
        (
            Error::ModelVersion {
                found: 2,
                supported: 1,
            },
            "ModelVersion",
            "the model file has format version 2; this program reads version 1",
        ),
        (
            Error::ModelTruncated {
                expected: 900,
                found: 899,
            },
            "ModelTruncated",
            "the model file holds 899 bytes of 900; it was cut off or something was added",
        ),
        (
            Error::ModelChecksum,
            "ModelChecksum",
            "the model file is damaged: its checksum does not fit; use another copy",
        ),
        (
            Error::ModelInvalid {
                problem: "its parts do not fit each other",
            },
            "ModelInvalid",
            "the model file is damaged: its parts do not fit each other",
        ),
    ]
}

#[test]
fn every_error_says_what_and_where() {
    for (error, code, text) in cases() {
        assert_eq!(error.code(), code);
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn no_variant_is_forgotten() {
    let declared = include_str!("../../src/error.rs")
        .matches("#[error(")
        .count();
    let mut variants: Vec<_> = cases()
        .iter()
        .map(|(error, ..)| std::mem::discriminant(error))
        .collect();
    variants.dedup();
    assert_eq!(variants.len(), declared);
}
