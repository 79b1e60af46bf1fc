/** What was odd about the log, row by row. @import { IssueReport } from "../types" */
import { formatCount, plural } from "../words.js";

/** What each kind of issue means. @type {Record<string, string>} */
const MEANING = {
  FieldCount: "rows with too few or too many cells, rejected",
  Encoding: "rows with bytes that are not text in this encoding, rejected",
  AssumedEncoding: "rows that are not UTF-8, read as Windows-1252 from this one on",
  UnclosedQuote: "rows with a quote that never closes, rejected",
  StrayQuote: "cells that go on after their closing quote, read as they stand",
  LeftOut: "lines that are no part of the table, left out",
  BadNumber: "cells of a number column that hold no number, taken as missing",
  BadTime: "cells of a time column that hold no time, taken as missing",
  MissingLabel: "rows that do not say whether it crashed, not learned from",
  BadLabel: "rows whose label is neither of the two values",
  NulByte: "rows with a zero byte, rejected",
  FieldTooLong: "rows with a cell too long to be a value, rejected",
  DuplicateHeader: "columns with the same name, renamed",
  EmptyHeader: "columns without a name, named by position",
  RowTooLong: "rows longer than you allow, rejected",
  NotPlaced: "rows that name no metric or say again what one before said, rejected",
  Sampled: "logs longer than there is room for, of which whole blocks are kept",
  OtherHeader: "headers of other names, which the rows behind them go by",
  FileBegins: "files that begin here; lines count on from the one before",
  ReadAsWords: "columns read as words that look like numbers or times",
  AmbiguousDates: "columns of dates where nothing says whether the day or the month comes first",
  ConstantColumn: "columns that say the same on every row",
  NoValidValues: "columns without a single usable value",
};

/** @param {{ issues: IssueReport }} props */
export function Issues({ issues }) {
  if (issues.total === 0) return null;
  return (
    <details class="issues" open={issues.rowsRejected > 0 && issues.total <= 5}>
      <summary>{plural(issues.total, "thing")} to know about this file</summary>
      <ul class="counts">
        {issues.counts.map(({ code, count }) => (
          <li key={code}>
            {MEANING[code] ?? code}: <strong>{formatCount(count)}</strong>
          </li>
        ))}
      </ul>
      <div class="scroll short" role="region" aria-label="Issues of the file" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">Column</th>
              <th scope="col">Cell</th>
              <th scope="col">What about it</th>
            </tr>
          </thead>
          <tbody>
            {issues.kept.map((issue, at) => (
              <tr key={at}>
                <td class="number">{issue.line ?? "–"}</td>
                <td class="user-text">{issue.columnName ?? issue.column ?? "–"}</td>
                <td class="user-text">{issue.cell === null ? "–" : <code>{issue.cell}</code>}</td>
                <td>
                  {issue.message}; {issue.hint} <code class="soft">{issue.code}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {issues.kept.length < issues.total && <p class="hint">The first {formatCount(issues.kept.length)} are listed.</p>}
    </details>
  );
}
