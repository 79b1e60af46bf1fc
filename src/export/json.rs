//! The whole model as one JSON document, from which the probabilities can be recomputed with nothing but arithmetic. The
//! document carries its own formula; numbers are shortest round-trip digits. Of a model that looks at the minutes before a
//! row, it holds the one beside it that judges a row by itself.

use serde::Serialize;

use crate::evaluate::Evaluation;
use crate::features::{FeatureKind, FeatureSpec};
use crate::model::Model;
use crate::model::bins::{Bins, ColumnBins};
use crate::model::calibration::Calibration;
use crate::model::design::TermKind;
use crate::model::tree::{Side, Split, Tree};
use crate::predictor::CrashPredictor;
use crate::provenance::ModelSummary;

use super::text::text;

/// Raised whenever a reader of the document would have to change.
const FORMAT_VERSION: u32 = 1;

const LOGISTIC_FORMULA: &str = "probability = 1 / (1 + exp(-(intercept + sum of coefficient * x over the terms))); x of a \
    value term is ((value, or fill where missing) - mean) / std, with true as 1 and false as 0; x of a missing term is 1 \
    where the value is missing, else 0; x of a level term is 1 where the value is the level, else 0; x of an other term is \
    1 where the value is present and none of the feature's levels, else 0";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format: &'static str,
    format_version: u32,
    threshold: f64,
    model: ModelDocument<'a>,
    calibration: Option<&'a Calibration>,
    calibration_formula: &'static str,
    summary: ModelSummary,
    evaluation: &'a Evaluation,
}

const CALIBRATION_FORMULA: &str = "of the model's probability p: odds = ln((p * nRows + 0.5) / ((1 - p) * nRows + 0.5)); shape \
    asIs leaves them, platt is intercept + slope * odds, isotonic the height at odds of the straight lines through its points, \
    with a slope of 0.01 before the first and behind the last; probability = 1 / (1 + exp(-(intercept + trust * shaped odds))), \
    the sum held between -30 and 30";

const TREES_FORMULA: &str = "walk each tree from split 0 (from leaf 0 where it has none): a row goes left where its value (true as 1, false as 0) is \
    at most upTo, or among the levels, or none of the feature's levels if others is true, or present if the split says \
    present; where its value is missing it goes to the side that missing names; else right; a child that is not negative is \
    the next split, any other child c is the leaf -c - 1; sum the leaves over the trees";

#[derive(Serialize)]
#[serde(tag = "algorithm", rename_all = "kebab-case")]
enum ModelDocument<'a> {
    Boosting {
        formula: String,
        base: f64,
        trees: Vec<TreeDocument<'a>>,
    },
    Forest {
        formula: String,
        trees: Vec<TreeDocument<'a>>,
    },
    BaseRate {
        probability: f64,
    },
    Logistic {
        formula: &'static str,
        intercept: f64,
        terms: Vec<TermDocument<'a>>,
    },
}

#[derive(Serialize)]
struct TreeDocument<'a> {
    splits: Vec<SplitDocument<'a>>,
    leaves: &'a [f64],
}

#[derive(Serialize)]
struct SplitDocument<'a> {
    feature: &'a str,
    #[serde(flatten)]
    question: Question<'a>,
    missing: Side,
    left: i32,
    right: i32,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Question<'a> {
    UpTo { up_to: f64 },
    Levels { levels: Vec<&'a str>, others: bool },
    Present { present: bool },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TermDocument<'a> {
    feature: &'a str,
    #[serde(flatten)]
    kind: TermKindDocument<'a>,
    coefficient: f64,
    standard_error: f64,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum TermKindDocument<'a> {
    Value { fill: f64, mean: f64, std: f64 },
    Missing,
    Level { level: &'a str },
    Other,
}

/// The document.
#[must_use]
pub fn to_json(predictor: &CrashPredictor) -> String {
    let document = Document {
        format: "crash-predictor-model",
        format_version: FORMAT_VERSION,
        threshold: predictor.threshold(),
        model: model(predictor),
        calibration: predictor.of_one_row().calibration.as_ref(),
        calibration_formula: CALIBRATION_FORMULA,
        // How long the training took is not a part of the model.
        summary: ModelSummary {
            candidate_seconds: None,
            ..predictor.summary()
        },
        evaluation: predictor.evaluation(),
    };
    text(&document)
}

fn model(predictor: &CrashPredictor) -> ModelDocument<'_> {
    let spec = predictor.spec();
    let logistic = match &predictor.of_one_row().model {
        Model::BaseRate(probability) => {
            return ModelDocument::BaseRate {
                probability: *probability,
            };
        }
        Model::Boosting(bins, model) => {
            return ModelDocument::Boosting {
                formula: format!(
                    "{TREES_FORMULA}; probability = 1 / (1 + exp(-(base + that sum)))"
                ),
                base: model.base(),
                trees: model
                    .trees()
                    .iter()
                    .map(|of| tree(spec, bins, of))
                    .collect(),
            };
        }
        Model::Forest(bins, model) => {
            return ModelDocument::Forest {
                formula: format!("{TREES_FORMULA}; probability = that sum / the number of trees"),
                trees: model
                    .trees()
                    .iter()
                    .map(|of| tree(spec, bins, of))
                    .collect(),
            };
        }
        Model::Logistic(logistic) => logistic,
    };
    let terms = logistic.terms().map(|(term, coefficient, standard_error)| {
        let feature = &predictor.spec().features()[term.feature];
        let kind = match (term.kind, &feature.kind) {
            (TermKind::Value { fill, mean, std }, _) => TermKindDocument::Value { fill, mean, std },
            (TermKind::Level(code), FeatureKind::Category { levels }) => {
                match levels.get(code as usize) {
                    Some(level) => TermKindDocument::Level {
                        level: &level.value,
                    },
                    None => TermKindDocument::Other,
                }
            }
            (TermKind::Missing | TermKind::Level(_), _) => TermKindDocument::Missing,
        };
        TermDocument {
            feature: &feature.name,
            kind,
            coefficient,
            standard_error,
        }
    });
    ModelDocument::Logistic {
        formula: LOGISTIC_FORMULA,
        intercept: logistic.intercept(),
        terms: terms.collect(),
    }
}

fn tree<'a>(spec: &'a FeatureSpec, bins: &Bins, tree: &'a Tree) -> TreeDocument<'a> {
    let split = |split: &Split| {
        let at = usize::from(split.feature);
        let feature = &spec.features()[at];
        let question = match (&bins.columns()[at], &feature.kind) {
            (ColumnBins::Category { bin_of_code }, FeatureKind::Category { levels }) => {
                let goes_left = |code: usize| bin_of_code[code] <= split.bin;
                let left = levels
                    .iter()
                    .enumerate()
                    .filter(|(code, _)| goes_left(*code));
                Question::Levels {
                    levels: left.map(|(_, level)| level.value.as_str()).collect(),
                    others: goes_left(levels.len()),
                }
            }
            (ColumnBins::Number { edges }, _) if usize::from(split.bin) < edges.len() => {
                Question::UpTo {
                    up_to: edges[usize::from(split.bin)],
                }
            }
            _ => Question::Present { present: true },
        };
        SplitDocument {
            feature: &feature.name,
            question,
            missing: split.missing,
            left: split.left,
            right: split.right,
        }
    };
    TreeDocument {
        splits: tree.splits().iter().map(split).collect(),
        leaves: tree.values(),
    }
}
