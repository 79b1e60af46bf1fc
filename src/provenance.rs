//! Where a model comes from: the log, the roles of its columns, the candidates and the choice. Saved with the model, and
//! told as the [`ModelSummary`].

use serde::Serialize;

use crate::codec::saved;
use crate::features::{Direction, Feature, FeatureKind, FeatureSpec, Level, TargetSummary};
use crate::model::Model;
use crate::model::design::TermKind;
use crate::model::logistic::LogisticRegression;
use crate::schema::{Label, Role, Schema};
use crate::train::Candidate;

/// What is saved of a model's origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    pub(crate) version: String,
    pub(crate) label: String,
    pub(crate) positive: String,
    pub(crate) time: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) ignored: Vec<IgnoredColumn>,
    pub(crate) n_rows: u64,
    pub(crate) n_rows_without_label: u64,
    pub(crate) n_crashes: u64,
    pub(crate) seed: u32,
    pub(crate) target: TargetSummary,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) algorithm_reason: String,
}

saved! {
    struct Provenance {
        version, label, positive, time, host, ignored, n_rows, n_rows_without_label, n_crashes,
        seed, target, candidates, algorithm_reason,
    }
}

/// A column that was not learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct IgnoredColumn {
    /// Name of the column.
    pub name: String,
    /// Why, in words.
    pub reason: String,
}

saved! { struct IgnoredColumn { name, reason } }

/// What a model is, and what it was made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct ModelSummary {
    /// Version of the program that trained it.
    pub version: String,
    /// What it is.
    pub algorithm: AlgorithmName,
    /// Why this one, in words.
    pub algorithm_reason: String,
    /// The label column.
    pub label: String,
    /// The label's value that means a crash.
    pub positive: String,
    /// The time column.
    pub time: Option<String>,
    /// The column that names the server.
    pub host: Option<String>,
    /// Probability from which on a crash is predicted.
    pub threshold: f64,
    /// Rows it was fitted on, all that have a label.
    pub n_rows: u64,
    /// Rows left out for want of a label.
    pub n_rows_without_label: u64,
    /// What it predicts of a row.
    pub target: TargetSummary,
    /// Share of the rows that crashed.
    pub base_rate: f64,
    /// Seed of everything random.
    pub seed: u32,
    /// The columns it sees, in the order of `predictRow`.
    pub features: Vec<FeatureSummary>,
    /// What it sees of the minutes before a row.
    pub windows: Vec<WindowSummary>,
    /// The columns it does not see, with the reasons.
    pub ignored: Vec<IgnoredColumn>,
    /// How the candidates did in cross-validation on the training rows.
    pub candidates: Vec<Candidate>,
    /// The seconds each candidate took; null for a model that was loaded, and where there was no clock.
    pub candidate_seconds: Option<Vec<f64>>,
    /// The terms of a logistic regression, in the order of the features; none otherwise.
    pub terms: Vec<TermSummary>,
    /// The intercept of a logistic regression.
    pub intercept: Option<f64>,
    /// The log loss of a forest's own rows, each predicted by the trees that did not learn from it; null for other models.
    /// Rows that resemble their neighbours flatter it: where the log has times, believe the evaluation.
    pub out_of_bag_log_loss: Option<f64>,
}

/// The kinds of model there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum AlgorithmName {
    /// The same probability for every row.
    BaseRate,
    /// Logistic regression.
    Logistic,
    /// Boosted trees.
    Boosting,
    /// A random forest.
    Forest,
}

/// A column the model sees, with what is needed to ask for its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct FeatureSummary {
    /// Name of the column.
    pub name: String,
    /// What values it takes.
    pub kind: FeatureKindName,
    /// Unit, where the log names one.
    pub unit: Option<String>,
    /// The least value of a number in the training rows.
    pub min: Option<f64>,
    /// The largest value of a number in the training rows.
    pub max: Option<f64>,
    /// The usual value of a number in the training rows.
    pub median: Option<f64>,
    /// Whether all numbers were whole.
    pub integer: bool,
    /// Share of the training rows without a value, 0 to 1.
    pub missing: f64,
    /// Its share in what the splits of a model of trees gained, 0 to 1 (Breiman's importance; it favours columns of
    /// many values); null for other models.
    pub importance: Option<f64>,
    /// Which way the probability may go as it rises, where the user said so.
    pub direction: Option<Direction>,
    /// The values of a category, the most frequent first; of a boolean, false and true.
    pub levels: Vec<Level>,
}

/// What the model sees of the minutes before a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct WindowSummary {
    /// In words, e.g. `mean of cpu_pct over 15 minutes`.
    pub name: String,
    /// Its share in what the splits of a model of trees gained; null for other models.
    pub importance: Option<f64>,
}

/// The kinds of feature there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum FeatureKindName {
    /// Finite numbers.
    Number,
    /// A word for false and one for true.
    Boolean,
    /// Words.
    Category,
}

/// A term of a logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct TermSummary {
    /// The column it is made from.
    pub feature: String,
    /// What it stands for, in words.
    pub term: String,
    /// Change of the log odds per standard deviation of a number or boolean, or for having a level.
    pub coefficient: f64,
    /// Its standard error, from the curvature of the penalised objective.
    pub standard_error: f64,
}

impl Provenance {
    /// What the schema and the labels of the rows say; the candidates are added once they are compared.
    pub(crate) fn new(schema: &Schema, label: &Label, y: &[bool], seed: u32) -> Self {
        let first = |role| schema.named(role).next().map(str::to_owned);
        let ignored = schema
            .columns()
            .iter()
            .filter(|column| column.role == Role::Ignored);
        let ignored = ignored.map(|column| IgnoredColumn {
            name: column.name.clone(),
            reason: column.reason.clone(),
        });
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            label: label.column.clone(),
            positive: label.positive.clone(),
            time: first(Role::Time),
            host: first(Role::Host),
            ignored: ignored.collect(),
            n_rows: y.len() as u64,
            n_rows_without_label: 0,
            n_crashes: y.iter().filter(|&&crashed| crashed).count() as u64,
            seed,
            target: TargetSummary::default(),
            candidates: Vec::new(),
            algorithm_reason: String::new(),
        }
    }

    /// Whether the counts are possible: what a file from elsewhere must satisfy.
    pub(crate) fn is_consistent(&self) -> bool {
        let losses = self
            .candidates
            .iter()
            .flat_map(|of| [of.log_loss, of.spread]);
        self.n_rows > 0 && self.n_crashes <= self.n_rows && losses.into_iter().all(f64::is_finite)
    }

    /// The column of times.
    pub(crate) fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// The column of hosts.
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Whether the log the model was trained on had a column of this name that is no feature.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let special = [Some(&self.label), self.time.as_ref(), self.host.as_ref()];
        special.into_iter().flatten().any(|known| known == name)
            || self.ignored.iter().any(|column| column.name == name)
    }

    pub(crate) fn summary(
        &self,
        spec: &FeatureSpec,
        model: &Model,
        threshold: f64,
    ) -> ModelSummary {
        let logistic = if let Model::Logistic(logistic) = model {
            Some(logistic)
        } else {
            None
        };
        ModelSummary {
            version: self.version.clone(),
            algorithm: match model {
                Model::BaseRate(_) => AlgorithmName::BaseRate,
                Model::Logistic(_) => AlgorithmName::Logistic,
                Model::Boosting(..) => AlgorithmName::Boosting,
                Model::Forest(..) => AlgorithmName::Forest,
            },
            algorithm_reason: self.algorithm_reason.clone(),
            label: self.label.clone(),
            positive: self.positive.clone(),
            time: self.time.clone(),
            host: self.host.clone(),
            threshold,
            n_rows: self.n_rows,
            n_rows_without_label: self.n_rows_without_label,
            target: self.target.clone(),
            base_rate: self.n_crashes as f64 / self.n_rows as f64,
            seed: self.seed,
            features: features(spec, model),
            windows: windows(spec, model),
            ignored: self.ignored.clone(),
            candidates: self.candidates.clone(),
            candidate_seconds: None,
            terms: logistic.map(|model| terms(spec, model)).unwrap_or_default(),
            intercept: logistic.map(LogisticRegression::intercept),
            out_of_bag_log_loss: match model {
                Model::Forest(_, forest) => forest.out_of_bag_log_loss(),
                _ => None,
            },
        }
    }
}

fn features(spec: &FeatureSpec, model: &Model) -> Vec<FeatureSummary> {
    let importances = model.importances();
    let importance = |at: usize| importances.as_ref().map(|shares| shares[at]);
    let inputs = spec.inputs().iter().enumerate();
    inputs
        .map(|(at, feature)| FeatureSummary::new(feature, importance(at)))
        .collect()
}

fn windows(spec: &FeatureSpec, model: &Model) -> Vec<WindowSummary> {
    let importances = model.importances();
    let features = spec.features().iter().enumerate();
    features
        .skip(spec.inputs().len())
        .map(|(at, feature)| WindowSummary {
            name: feature.name.clone(),
            importance: importances.as_ref().map(|shares| shares[at]),
        })
        .collect()
}

impl FeatureSummary {
    fn new(feature: &Feature, importance: Option<f64>) -> Self {
        let (kind, range, levels) = match &feature.kind {
            FeatureKind::Number {
                min,
                max,
                median,
                integer,
            } => (
                FeatureKindName::Number,
                Some((*min, *max, *median, *integer)),
                Vec::new(),
            ),
            FeatureKind::Boolean { words } => (FeatureKindName::Boolean, None, words.to_vec()),
            FeatureKind::Category { levels } => (FeatureKindName::Category, None, levels.clone()),
        };
        Self {
            name: feature.name.clone(),
            kind,
            unit: feature.unit.clone(),
            min: range.map(|(min, ..)| min),
            max: range.map(|(_, max, ..)| max),
            median: range.map(|(_, _, median, _)| median),
            integer: range.is_some_and(|(.., integer)| integer),
            missing: feature.missing,
            importance,
            direction: Direction::of_sign(feature.sign),
            levels,
        }
    }
}

fn terms(spec: &FeatureSpec, model: &LogisticRegression) -> Vec<TermSummary> {
    let summary = |(term, coefficient, standard_error): (&crate::model::design::Term, f64, f64)| {
        let feature = &spec.features()[term.feature];
        let words = match (term.kind, &feature.kind) {
            (TermKind::Missing, _) => "missing".to_owned(),
            (TermKind::Level(code), FeatureKind::Category { levels }) => {
                match levels.get(code as usize) {
                    Some(level) => format!("is \"{}\"", level.value),
                    None => "is another value".to_owned(),
                }
            }
            (TermKind::Value { .. }, FeatureKind::Boolean { words }) => {
                format!("is \"{}\"", words[1].value)
            }
            _ => "value".to_owned(),
        };
        TermSummary {
            feature: feature.name.clone(),
            term: words,
            coefficient,
            standard_error,
        }
    };
    model.terms().map(summary).collect()
}
