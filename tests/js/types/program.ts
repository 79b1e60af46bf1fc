// A program in strict TypeScript, checked against the declarations of the installed package and never run.
import {
  CrashPredictor,
  CsvScorer,
  LogReader,
  LogTable,
  init,
  panicMessage,
  sampleCsv,
  version,
} from "crash-predictor";
import type {
  ColumnSummary,
  Evaluation,
  Issue,
  ModelSummary,
  Prediction,
  Role,
  SchemaReport,
  TrainOptions,
} from "crash-predictor";
import { CrashPredictorClient, trustedTypesPolicy } from "crash-predictor/client";
import type { ClientPredictor, ClientTable } from "crash-predictor/client";

export async function library(bytes: Uint8Array): Promise<number> {
  await init();
  await init(new URL("https://example.org/engine.wasm"));
  await init(fetch("engine.wasm"));
  const text: string = version();
  const panic: string | undefined = panicMessage();
  const table: LogTable = LogTable.fromCsv(`${text}${panic}`, { delimiter: ";" });
  const reader = new LogReader({ header: true });
  reader.push(sampleCsv(1));
  const other: LogTable = reader.finish();
  const columns: ColumnSummary[] = table.columns;
  const roles: Role[] = columns.map((column) => column.role);
  const first: Issue | undefined = table.issues.kept[0];
  const schema: SchemaReport = table.schema({ label: roles[0] ?? first?.message ?? "crashed", time: "" });
  const options: TrainOptions = {
    algorithm: "boosting",
    split: "time",
    threshold: 0.5,
    seed: 1,
    features: schema.features,
  };
  const predictor = CrashPredictor.train(other, options, ({ stage, done, total }) => stage !== "refit" || done < total);
  const evaluation: Evaluation = CrashPredictor.train(table).evaluation;
  const summary: ModelSummary = predictor.summary;
  const precision: number | null = evaluation.model.precision;
  const one: Prediction = predictor.predict({ cpu_pct: 97, region: "eu", busy: true, mem_pct: null });
  const same: Prediction = predictor.predict(new Map([["cpu_pct", 97]]));
  const probabilities: Float64Array = predictor.predictTable(table).probabilities;
  const scorer = new CsvScorer(CrashPredictor.load(predictor.save()), { threshold: 0.3 });
  const out: Uint8Array = scorer.push(bytes);
  const json: string = predictor.export("json");
  // @ts-expect-error later formats are absent until they work
  predictor.export("onnx");
  // @ts-expect-error an algorithm there is none of
  CrashPredictor.train(table, { algorithm: "perceptron" });
  const importances: (number | null)[] = summary.features.map(({ importance }) => importance);
  const losses: number[] = summary.candidates.map(({ logLoss, spread, setting }) => logLoss + spread + setting.length);
  return (
    (precision ?? 0) +
    one.probability +
    same.threshold +
    (probabilities[0] ?? 0) +
    summary.nRows +
    importances.length +
    losses.length +
    out.length +
    json.length +
    predictor.predictRow(Float64Array.of(1, NaN)) +
    scorer.summary.rowsUnreadable
  );
}

export async function client(file: File, signal: AbortSignal): Promise<Blob> {
  const worker = new CrashPredictorClient({ workerUrl: "/worker.js" });
  const table: ClientTable = await worker.readLog(file, {
    signal,
    delimiter: ",",
    onProgress: ({ bytesRead, bytesTotal }) => bytesRead / (bytesTotal ?? 1),
  });
  const schema: SchemaReport = await table.schema({ ignore: ["host"] }, { signal });
  const predictor: ClientPredictor = await worker.train(table, {
    label: schema.label ?? "crashed",
    signal,
    onProgress: ({ message }) => message,
  });
  const { prediction }: Prediction = await predictor.predict({ cpu_pct: 97 });
  const { probabilities } = await predictor.predictTable(table);
  const { blob, summary } = await predictor.predictCsv(file, { threshold: 0.3 });
  // @ts-expect-error results are not for writing to
  table.rowCount = 0;
  const loaded = await worker.load(await predictor.save());
  loaded.free();
  worker.close();
  return new Blob([blob, `${prediction}${probabilities.length}${summary.crashes}${trustedTypesPolicy}`]);
}
