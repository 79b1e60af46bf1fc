/** The shapes the page shows, taken from the package's client so that there is no second copy of them. */
import type { Signal } from "@preact/signals";
import type { ClientPredictor, ClientTable, CrashPredictorClient } from "crash-predictor/client";

export type { ClientPredictor, ClientTable };
export type Schema = Awaited<ReturnType<ClientTable["schema"]>>;
export type RoleOptions = NonNullable<Parameters<ClientTable["schema"]>[0]>;
export type TrainOptions = NonNullable<Parameters<CrashPredictorClient["train"]>[1]>;
export type ColumnSummary = ClientTable["columns"][number];
export type Role = ColumnSummary["role"];
export type IssueReport = ClientTable["issues"];
export type Dialect = ClientTable["dialect"];
export type Summary = ClientPredictor["summary"];
export type Evaluation = ClientPredictor["evaluation"];
export type Scores = Evaluation["model"];
export type Feature = Summary["features"][number];
export type Candidate = Summary["candidates"][number];
export type Term = Summary["terms"][number];
export type Target = NonNullable<Schema["target"]>;
export type Interval = Evaluation["intervals"][number];
export type Figure = Interval["figure"];
export type PagerScores = NonNullable<Evaluation["incidents"]>;
export type RuleScores = Evaluation["rules"][number];
export type Drift = Awaited<ReturnType<ClientPredictor["drift"]>>[number];
export type Observation = Awaited<ReturnType<ClientPredictor["watch"]>>[number];
export type Prediction = Awaited<ReturnType<ClientPredictor["predict"]>>;
export type Scored = Awaited<ReturnType<ClientPredictor["predictCsv"]>>["summary"];
export type Page = Awaited<ReturnType<ClientPredictor["predictCsv"]>>["pages"][number];

/** A row as the engine takes it, and what a monitor says of it where it comes after the rows before. */
export interface SeenRow {
  row: Map<string, string | number | null>;
  seen: Observation;
}

/** An error as it is shown: its stable code and its words. */
export interface Problem {
  code: string;
  message: string;
}

/** The parts of the page an error can belong to. */
export type Place = "log" | "columns" | "train" | "ask" | "before" | "batch" | "model";

export interface BytesRead {
  bytesRead: number;
  bytesTotal: number | null;
  /** Where a table will not keep every row. */
  forecast?: { words: string };
}

export interface TrainProgress {
  message: string;
  done: number;
  total: number;
}

/** Something under way that can be cancelled. */
export interface Job<P> {
  name: string;
  controller: AbortController;
  progress: P | null;
}

export type JobSignal<P> = Signal<Job<P> | null>;

export interface Log {
  name: string;
  synthetic: boolean;
  table: ClientTable;
  /** How the user asked for it to be read; empty = as found. */
  reading: { delimiter: string; header: string; rows: string; rates: string[] };
}

/** The roles the user chose; what is absent is left to the engine's guess. */
export interface Choices {
  label?: string;
  positive?: string;
  time?: string;
  host?: string;
  /** What the label says of a row, where the user knows better than the guess. */
  labelMeans?: "down-now" | "ahead";
  /** Of a label that says "down now": to learn that, or the crashes within some minutes after a row. */
  goal?: "now" | "ahead";
  /** How many minutes, as typed; empty or absent = as proposed. */
  minutes?: string;
  /** A list of crashes to learn from instead of a label. */
  incidents?: { name: string; csv: string };
  /** Columns the user made a metric or ignored. */
  roles: Map<string, "feature" | "ignored">;
}

/** How many minutes ahead could be predicted and are to be; null where the label is taken as it stands. */
export interface Ahead {
  proposed: number | null;
  minutes: number | null;
}

/** How to train. Figures are as they were typed, empty = found from the data; `threshold` is in per cent. */
export interface Options {
  algorithm: string;
  split: string;
  threshold: string;
  costMissed: string;
  costPage: string;
  pagesPerWeek: string;
  alarmNeeded: string;
  alarmOf: string;
  rule: string;
  keepChecked: boolean;
}

export interface Model {
  name: string;
  synthetic: boolean;
  predictor: ClientPredictor;
  /** Seconds of training, or null for a model read from a file. */
  seconds: number | null;
  /** Whether it is the model that was checked, not one fitted again on all rows; null where that is not known. */
  isChecked: boolean | null;
}

export interface ScoredFile {
  name: string;
  synthetic: boolean;
  url: string;
  bytes: number;
  summary: Scored;
  /** The first pages it raises; `summary.pages` counts them all. */
  pages: Page[];
}
