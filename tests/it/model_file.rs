//! The model file: what is saved comes back to the bit, and nothing damaged is believed.

use std::ops::ControlFlow;

use crash_predictor::features::FeatureKind;
use crash_predictor::model::Model;
use crash_predictor::model::design::TermKind;
use crash_predictor::model::logistic::LogisticRegression;
use crash_predictor::{Algorithm, CrashPredictor, Error, ExportFormat, Table, TrainOptions};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::{MIXED, SAMPLE};

/// Where the payload begins: behind magic, version, length and checksum.
const HEADER: usize = 50;

#[track_caller]
fn check_round_trip((table, predictor): &(Table, CrashPredictor)) {
    let bytes = predictor.save();
    let loaded = CrashPredictor::load(&bytes).unwrap();
    assert_eq!(&loaded, predictor);
    assert_eq!(loaded.save(), bytes);
    assert_eq!(loaded.summary(), predictor.summary());
    let bits = |predictor: &CrashPredictor| -> Vec<u64> {
        let answers = predictor.predict_table(table).unwrap();
        answers.probabilities.iter().map(|p| p.to_bits()).collect()
    };
    assert_eq!(bits(&loaded), bits(predictor));
}

#[test]
fn a_saved_model_comes_back_to_the_bit() {
    check_round_trip(&SAMPLE);
    check_round_trip(&MIXED);
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: &Error) {
    assert_eq!(CrashPredictor::load(bytes).as_ref(), Err(expected));
}

#[test]
fn other_files_are_no_models() {
    for bytes in [
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        b"cpu,crashed\n1,0\n",
        b"CRASHMDM",
        b"crashmdl",
        &[0; 200],
    ] {
        check_refused(bytes, &Error::NotAModel);
    }
    check_refused(&crash_predictor::sample::csv(0), &Error::NotAModel);
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let bytes = MIXED.1.save();
    check_refused(&bytes[..0], &Error::NotAModel);
    for found in 1..bytes.len() {
        let expected = if found < HEADER { HEADER } else { bytes.len() } as u64;
        let found = found as u64;
        check_refused(
            &bytes[..found as usize],
            &Error::ModelTruncated { expected, found },
        );
    }
}

#[test]
fn a_file_with_something_behind_it_is_refused() {
    let mut bytes = MIXED.1.save();
    let expected = bytes.len() as u64;
    bytes.push(0);
    check_refused(
        &bytes,
        &Error::ModelTruncated {
            expected,
            found: expected + 1,
        },
    );
}

#[test]
fn another_version_is_refused() {
    let mut bytes = MIXED.1.save();
    for found in [0, 2, 256, u16::MAX] {
        bytes[8..10].copy_from_slice(&found.to_le_bytes());
        check_refused(
            &bytes,
            &Error::ModelVersion {
                found,
                supported: 1,
            },
        );
    }
}

#[test]
fn a_file_with_one_bit_flipped_is_refused() {
    let sound = MIXED.1.save();
    let mut bytes = sound.clone();
    // Every bit of the header, and one of each byte of the payload.
    let header = (0..HEADER).flat_map(|at| (0..8).map(move |bit| (at, bit)));
    let payload = (HEADER..sound.len()).map(|at| (at, at % 8));
    for (at, bit) in header.chain(payload) {
        bytes[at] ^= 1 << bit;
        let error = CrashPredictor::load(&bytes).unwrap_err();
        let right = match at {
            0..8 => matches!(error, Error::NotAModel),
            8..10 => matches!(error, Error::ModelVersion { .. }),
            10..18 => matches!(error, Error::ModelTruncated { .. }),
            _ => matches!(error, Error::ModelChecksum),
        };
        assert!(right, "bit {bit} of byte {at}: {error:?}");
        bytes[at] = sound[at];
    }
}

// ---- damage under a checksum that fits

/// The bytes of a file with this payload, its envelope in order.
fn seal(payload: &[u8]) -> Vec<u8> {
    let mut bytes = b"CRASHMDL".to_vec();
    bytes.extend(1u16.to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(Sha256::digest(payload));
    bytes.extend(payload);
    bytes
}

#[track_caller]
fn check_invalid(payload: &[u8]) {
    let loaded = CrashPredictor::load(&seal(payload));
    assert!(
        matches!(loaded, Err(Error::ModelInvalid { .. })),
        "{loaded:?}"
    );
}

fn payload() -> Vec<u8> {
    MIXED.1.save()[HEADER..].to_vec()
}

/// Wherever the payload holds `from`, putting `to` there instead is refused.
#[track_caller]
fn check_replaced(from: &[u8], to: &[u8]) {
    let payload = payload();
    let places: Vec<usize> = (0..payload.len())
        .filter(|&at| payload[at..].starts_with(from))
        .collect();
    assert!(!places.is_empty(), "the payload does not hold {from:?}");
    for at in places {
        let changed = [&payload[..at], to, &payload[at + from.len()..]].concat();
        check_invalid(&changed);
    }
}

#[track_caller]
fn check_figure_replaced(from: f64, to: &[f64]) {
    for to in to {
        check_replaced(&from.to_le_bytes(), &to.to_le_bytes());
    }
}

const NOT_FINITE: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

fn logistic() -> &'static LogisticRegression {
    let Model::Logistic(logistic) = MIXED.1.model() else {
        panic!("the model of the mixed log is a logistic regression");
    };
    logistic
}

#[test]
fn the_envelope_of_these_tests_is_the_right_one() {
    assert_eq!(seal(&payload()), MIXED.1.save());
}

#[test]
fn a_model_whose_figures_are_not_finite_is_refused() {
    check_figure_replaced(logistic().intercept(), &NOT_FINITE);
    check_figure_replaced(logistic().intercept_standard_error(), &NOT_FINITE);
    for (term, coefficient, standard_error) in logistic().terms() {
        check_figure_replaced(coefficient, &NOT_FINITE);
        check_figure_replaced(standard_error, &NOT_FINITE);
        if let TermKind::Value { fill, mean, std } = term.kind {
            // `fill` may be a plain 0 or 1 that stands in many places; its neighbours are unique.
            check_figure_replaced(mean, &NOT_FINITE);
            check_figure_replaced(std, &[f64::NAN, f64::INFINITY, 0.0, -0.0, -1.0]);
            let fill_and_mean = |fill: f64| [fill.to_le_bytes(), mean.to_le_bytes()].concat();
            check_replaced(&fill_and_mean(fill), &fill_and_mean(f64::NAN));
        }
    }
}

#[test]
fn an_evaluation_whose_figures_are_not_finite_is_refused() {
    let evaluation = MIXED.1.evaluation();
    check_figure_replaced(evaluation.expected_calibration_error, &NOT_FINITE);
    for bin in &evaluation.reliability {
        check_figure_replaced(bin.predicted, &NOT_FINITE);
    }
    for rule in &evaluation.rules {
        check_figure_replaced(rule.model_threshold, &NOT_FINITE);
    }
}

#[test]
fn a_model_whose_ranges_are_out_of_order_is_refused() {
    for feature in MIXED.1.spec().features() {
        if let FeatureKind::Number {
            min, max, median, ..
        } = feature.kind
        {
            let range = |figures: [f64; 3]| figures.map(f64::to_le_bytes).concat();
            let sound = range([min, max, median]);
            for broken in [
                [max, min, median],
                [min, max, max + 1.0],
                [min, max, min - 1.0],
                [f64::NAN, max, median],
                [min, f64::INFINITY, median],
                [min, max, f64::NAN],
            ] {
                check_replaced(&sound, &range(broken));
            }
        }
    }
    let missing = MIXED.1.spec().features()[1].missing;
    assert!(missing > 0.0);
    check_figure_replaced(missing, &[f64::NAN, -0.1, 1.1]);
}

#[test]
fn a_threshold_that_no_user_could_choose_is_refused() {
    check_figure_replaced(
        MIXED.1.threshold(),
        &[f64::NAN, 0.0, -0.5, 1.5, f64::INFINITY],
    );
}

#[test]
fn features_out_of_order_are_refused() {
    // Prediction finds columns by name in a sorted list.
    check_replaced(b"\x07cpu_pct", b"\x07zpu_pct");
    check_replaced(b"\x09__proto__", b"\x09zzproto__");
}

#[test]
fn terms_that_do_not_fit_their_features_are_refused() {
    // Feature 3 is the tier; kind 2 is a level, followed by its code: the third one, then the other ones.
    let sound = [3, 2, 2, 3, 2, 3];
    check_replaced(&sound, &[3, 2, 2, 3, 2, 4]);
    check_replaced(&sound, &[3, 2, 2, 4, 2, 3]);
    check_replaced(&sound, &[2, 2, 2, 3, 2, 3]);
    check_replaced(&sound, &[3, 2, 2, 0, 1, 3]);
}

#[test]
fn lengths_that_the_file_cannot_hold_are_refused_before_they_are_believed() {
    let payload = payload();
    // bincode writes a length up to 250 as one byte; 253 announces one of eight bytes.
    for length in [1u64 << 24, 1 << 32, 1 << 40, u64::MAX >> 1, u64::MAX] {
        let long = [&[253], &length.to_le_bytes()[..], &payload[1..]].concat();
        check_invalid(&long);
        let long = [&[253], &length.to_le_bytes()[..]].concat();
        check_replaced(b"\x07cpu_pct", &long);
    }
}

#[test]
fn bytes_left_over_behind_the_content_are_refused() {
    let mut payload = payload();
    payload.push(0);
    check_invalid(&payload);
    check_invalid(b"");
}

/// Whatever was loaded can be asked.
fn use_it(predictor: &CrashPredictor) {
    let answers = predictor.predict_table(&MIXED.0);
    assert!(matches!(answers, Ok(_) | Err(Error::MissingColumns { .. })));
    let n_features = predictor.spec().features().len();
    predictor.predict_row(&vec![f64::NAN; n_features]).unwrap();
    predictor.predict_row(&vec![1.0; n_features]).unwrap();
    assert_eq!(predictor.summary().features.len(), n_features);
    assert!(predictor.export(ExportFormat::Json).starts_with('{'));
    assert_eq!(
        CrashPredictor::load(&predictor.save()).map(|again| again.save()),
        Ok(predictor.save())
    );
}

/// The checksum keeps accidents out; whoever writes one that fits still breaks nothing.
/// Bins, trees and gains have checks of their own; a walk through a damaged tree must still end.
#[test]
fn a_byte_changed_in_a_model_of_trees_is_refused_or_harmless() {
    for algorithm in [Algorithm::Boosting, Algorithm::Forest] {
        let options = TrainOptions {
            algorithm,
            ..TrainOptions::default()
        };
        let proceed = &mut |_| ControlFlow::Continue(());
        let model = CrashPredictor::train(&MIXED.0, &options, proceed).unwrap();
        let sound = model.save()[HEADER..].to_vec();
        let mut n_refused = 0;
        for at in (0..sound.len()).step_by(sound.len().div_ceil(1_500)) {
            for to in [0, sound[at] ^ 0x80, sound[at].wrapping_add(1), 255] {
                let mut payload = sound.clone();
                payload[at] = to;
                match CrashPredictor::load(&seal(&payload)) {
                    Ok(predictor) => use_it(&predictor),
                    Err(_) => n_refused += 1,
                }
            }
        }
        assert!(n_refused > 100, "{algorithm:?}: {n_refused}");
    }
}

#[test]
fn any_byte_changed_is_refused_or_harmless() {
    let sound = payload();
    let mut n_refused = 0;
    for at in 0..sound.len() {
        // 251 to 254 are bincode's marks of longer numbers.
        for to in [
            0,
            1,
            sound[at] ^ 0x80,
            sound[at].wrapping_add(1),
            251,
            252,
            253,
            254,
            255,
        ] {
            let mut payload = sound.clone();
            payload[at] = to;
            match CrashPredictor::load(&seal(&payload)) {
                Ok(predictor) => use_it(&predictor),
                Err(error) => {
                    assert!(
                        matches!(error, Error::ModelInvalid { .. }),
                        "{to} at {at}: {error:?}"
                    );
                    n_refused += 1;
                }
            }
        }
    }
    assert!(n_refused > 1000, "{n_refused}");
}

proptest! {
    #[test]
    fn any_payload_is_refused(payload in prop::collection::vec(any::<u8>(), 0..400)) {
        check_invalid(&payload);
    }

    #[test]
    fn any_part_cut_out_or_doubled_is_refused_or_harmless(from in any::<prop::sample::Index>(), n in 1usize..40, twice in any::<bool>()) {
        let sound = payload();
        let from = from.index(sound.len());
        let to = (from + n).min(sound.len());
        let rest = if twice { from } else { to };
        let head = if twice { to } else { from };
        if let Ok(predictor) = CrashPredictor::load(&seal(&[&sound[..head], &sound[rest..]].concat())) {
            use_it(&predictor);
        }
    }
}
