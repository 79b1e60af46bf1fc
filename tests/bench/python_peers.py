"""Libraries of PyPI, native and on one thread. Each is imported where it is used: no process loads more than one."""

import io
from pathlib import Path

import numpy
from contestant import Contestant, Rows, compete, timed

ROUNDS, LEAVES, RATE = 100, 31, 0.1


def probability_of_crash(model, rows: Rows) -> numpy.ndarray:
    return model.predict_proba(rows.x)[:, 1]


# ---- logistic regression ----


def logistic_pipeline(rows: Rows):
    """Imputation and scaling included: crash-predictor's time includes them too."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fill = SimpleImputer(strategy="median", add_indicator=True)
    return make_pipeline(fill, StandardScaler(), LogisticRegression(max_iter=1000)).fit(rows.x, rows.y)


def prepared_for_lbfgs(rows: Rows) -> Rows:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fill = SimpleImputer(strategy="median", add_indicator=True)
    return Rows(make_pipeline(fill, StandardScaler()).fit_transform(rows.x), rows.y)


def logistic_alone(rows: Rows):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000).fit(rows.x, rows.y)


# ---- boosting ----


def lightgbm(rows: Rows):
    import lightgbm

    params = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": RATE, "num_threads": 1, "verbose": -1}
    return lightgbm.train(params, lightgbm.Dataset(rows.x, rows.y), ROUNDS)


def lightgbm_predict(model, rows: Rows) -> numpy.ndarray:
    return model.predict(rows.x, num_threads=1)


def xgboost(rows: Rows, **settings):
    import xgboost

    params = {"objective": "binary:logistic", "tree_method": "hist", "nthread": 1, **settings}
    return xgboost.train(params, xgboost.QuantileDMatrix(rows.x, rows.y, nthread=1), ROUNDS)


def xgboost_leafwise(rows: Rows):
    return xgboost(rows, grow_policy="lossguide", max_leaves=LEAVES, max_depth=0, eta=RATE)


def xgboost_predict(model, rows: Rows) -> numpy.ndarray:
    return model.inplace_predict(rows.x)


def histogram_boosting(rows: Rows, **settings):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=0, **settings).fit(rows.x, rows.y)


def for_ydf(rows: Rows) -> dict[str, numpy.ndarray]:
    columns = {f"metric_{at}": numpy.ascontiguousarray(column) for at, column in enumerate(rows.x.T)}
    return {**columns, "crashed": rows.y}


def ydf_train(learner: str, columns: dict, **settings):
    import ydf

    ydf.verbose(0)
    return getattr(ydf, learner)(label="crashed", num_threads=1, **settings).train(columns)


def ydf_boosting(columns: dict):
    return ydf_train(
        "GradientBoostedTreesLearner", columns, num_trees=ROUNDS, shrinkage=RATE, growing_strategy="BEST_FIRST_GLOBAL",
        max_num_nodes=LEAVES, max_depth=-1, use_hessian_gain=True, validation_ratio=0.0, early_stopping="NONE",
        discretize_numerical_columns=True,
    )  # fmt: skip


def ydf_forest(columns: dict):
    """Leaves hold probabilities and trees grow out, as ours do; by default they vote, which costs it half its log loss."""
    return ydf_train(
        "RandomForestLearner", columns, num_trees=100, max_depth=-1, winner_take_all=False,
        compute_oob_performances=False, discretize_numerical_columns=True,
    )  # fmt: skip


def ydf_predict(model, columns: dict) -> numpy.ndarray:
    return model.predict(columns)


def forust(rows: Rows, **settings):
    from forust import GradientBooster

    model = GradientBooster(iterations=ROUNDS, parallel=False, **settings)
    model.fit(rows.x, rows.y.astype(float))
    return model


def forust_leafwise(rows: Rows):
    return forust(rows, learning_rate=RATE, max_leaves=LEAVES, max_depth=LEAVES, grow_policy="LossGuide")


def forust_predict(model, rows: Rows) -> numpy.ndarray:
    return 1 / (1 + numpy.exp(-model.predict(rows.x, parallel=False)))


# ---- forests ----


def random_forest(rows: Rows, **settings):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_jobs=1, random_state=0, **settings).fit(rows.x, rows.y)


# ---- reading CSV ----


def csv_by_pandas(folder: Path) -> dict:
    import pandas

    data = (folder / "all.csv").read_bytes()
    seconds, table = timed(lambda: pandas.read_csv(io.BytesIO(data), engine="c"))
    return {"seconds": seconds, "rows": len(table)}


def csv_by_polars(folder: Path) -> dict:
    import polars

    data = (folder / "all.csv").read_bytes()
    seconds, table = timed(lambda: polars.read_csv(io.BytesIO(data)))
    return {"seconds": seconds, "rows": len(table)}


# ---- the trees of LightGBM for onnxruntime-web ----


def onnx_model(folder: Path) -> dict:
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = lightgbm(Rows.read(folder, "train"))
    model = convert_lightgbm(
        booster, initial_types=[("rows", FloatTensorType([None, booster.num_feature()]))], target_opset=15, zipmap=False
    )
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return {}


SKLEARN, SAME_STOP = "scikit-learn", {"min_samples_leaf": 5}
PYTHON_PEERS = [
    Contestant("logistic", SKLEARN, logistic_pipeline, probability_of_crash, note="lbfgs, with imputation and scaling"),
    Contestant("logistic", f"{SKLEARN}, fit alone", logistic_alone, probability_of_crash, prepared_for_lbfgs,
               note="lbfgs, columns imputed and scaled before"),
    Contestant("boosting", "LightGBM", lightgbm, lightgbm_predict),
    Contestant("boosting", "XGBoost", xgboost_leafwise, xgboost_predict, note="hist"),
    Contestant("boosting", SKLEARN, lambda rows: histogram_boosting(rows, early_stopping=False), probability_of_crash,
               note="HistGradientBoosting"),
    Contestant("boosting", "YDF", ydf_boosting, ydf_predict, for_ydf, note="columns discretised"),
    Contestant("boosting", "forust", forust_leafwise, forust_predict),
    Contestant("forest", SKLEARN, lambda rows: random_forest(rows, **SAME_STOP), probability_of_crash,
               note="5 rows in a leaf, as ours", max_rows=100_000),
    Contestant("forest", "YDF", ydf_forest, ydf_predict, for_ydf, note="5 rows in a leaf, columns discretised", max_rows=100_000),
    Contestant("defaults", "LightGBM", lightgbm, lightgbm_predict),
    Contestant("defaults", "XGBoost", xgboost, xgboost_predict),
    Contestant("defaults", f"{SKLEARN}, boosting", histogram_boosting, probability_of_crash),
    Contestant("defaults", f"{SKLEARN}, forest", random_forest, probability_of_crash, max_rows=100_000),
    Contestant("defaults", f"{SKLEARN}, logistic", logistic_pipeline, probability_of_crash),
    Contestant("defaults", "YDF, boosting", lambda columns: ydf_train("GradientBoostedTreesLearner", columns), ydf_predict, for_ydf),
    Contestant("defaults", "YDF, forest", lambda columns: ydf_train("RandomForestLearner", columns), ydf_predict, for_ydf,
               max_rows=100_000),
    Contestant("defaults", "forust", forust, forust_predict),
    Contestant("csv", "pandas", measure=csv_by_pandas, note="C engine"),
    Contestant("csv", "polars", measure=csv_by_polars),
    Contestant("onnx", "LightGBM", measure=onnx_model),
]  # fmt: skip

if __name__ == "__main__":
    compete(PYTHON_PEERS)
