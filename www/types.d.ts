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
export type Prediction = Awaited<ReturnType<ClientPredictor["predict"]>>;
export type Scored = Awaited<ReturnType<ClientPredictor["predictCsv"]>>["summary"];

/** An error as it is shown: its stable code and its words. */
export interface Problem {
  code: string;
  message: string;
}

/** The parts of the page an error can belong to. */
export type Place = "log" | "columns" | "train" | "ask" | "batch" | "model";

export interface BytesRead {
  bytesRead: number;
  bytesTotal: number | null;
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
  /** Columns the user made a metric or ignored. */
  roles: Map<string, "feature" | "ignored">;
}

export interface Model {
  name: string;
  synthetic: boolean;
  predictor: ClientPredictor;
  /** Seconds of training, or null for a model read from a file. */
  seconds: number | null;
}

export interface ScoredFile {
  name: string;
  synthetic: boolean;
  url: string;
  bytes: number;
  summary: Scored;
}
