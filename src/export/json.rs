//! The whole model as one JSON document, from which the probabilities can be recomputed with nothing but arithmetic. The
//! document carries its own formula; numbers are shortest round-trip digits.

use serde::Serialize;

use crate::evaluate::Evaluation;
use crate::features::FeatureKind;
use crate::model::Model;
use crate::model::design::TermKind;
use crate::predictor::CrashPredictor;
use crate::provenance::ModelSummary;

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
    summary: ModelSummary,
    evaluation: &'a Evaluation,
}

#[derive(Serialize)]
#[serde(tag = "algorithm", rename_all = "kebab-case")]
enum ModelDocument<'a> {
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

/// The document, indented for people.
#[must_use]
pub fn to_json(predictor: &CrashPredictor) -> String {
    let document = Document {
        format: "crash-predictor-model",
        format_version: FORMAT_VERSION,
        threshold: predictor.threshold(),
        model: model(predictor),
        summary: predictor.summary(),
        evaluation: predictor.evaluation(),
    };
    serde_json::to_string_pretty(&document)
        .expect("strings, finite numbers and string keys are all JSON")
}

fn model(predictor: &CrashPredictor) -> ModelDocument<'_> {
    let logistic = match predictor.model() {
        Model::BaseRate(probability) => {
            return ModelDocument::BaseRate {
                probability: *probability,
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
