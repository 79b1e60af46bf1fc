/** The columns of the log with the role each plays, and its first rows. @import { ColumnSummary, Log, Role, Schema } from "../types" */
import { formatCount, formatNumber, formatPercent, formatTime, plural } from "../words.js";

/** Columns on one page of the table: enough for most logs, few enough to draw at once. */
const PAGE = 40;

/** @type {[Role, string][]} */
const ROLES = [
  ["feature", "metric"],
  ["label", "crash label"],
  ["time", "time"],
  ["host", "server"],
  ["ignored", "ignored"],
];

/** @typedef {ColumnSummary & { at: number }} PlacedColumn a column with its role in force and its place in the file */

/**
 * @param {{ log: Log, schema: Schema | null, view: { filter: string, page: number }, onView: (change: { filter?: string, page?: number }) => void,
 *   onRole: (column: string, role: Role) => void }} props
 */
export function Columns({ log, schema, view, onView, onRole }) {
  const { columns, preview, rowCount } = log.table;
  const roles = new Map((schema?.columns ?? []).map((column) => [column.name, column]));
  const wanted = view.filter.trim().toLowerCase();
  const found = columns
    .map((column, at) => ({ ...column, ...roles.get(column.name), at }))
    .filter((column) => wanted === "" || column.name.toLowerCase().includes(wanted));
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const page = Math.min(view.page, pages - 1);
  const visible = found.slice(page * PAGE, (page + 1) * PAGE);
  return (
    <>
      <div class="table-head">
        <h3 id="columns-title">Columns and their roles</h3>
        {columns.length > 12 && (
          <label class="find">
            <span class="sr-only">Find a column by name</span>
            <input type="search" placeholder="find a column" value={view.filter} onInput={(event) => onView({ filter: event.currentTarget.value, page: 0 })} />
          </label>
        )}
      </div>
      <div class="scroll tall" role="region" aria-labelledby="columns-title" tabIndex={0}>
        <table class="columns">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Role</th>
              <th scope="col">Values</th>
              <th scope="col" class="number">
                Missing
              </th>
            </tr>
          </thead>
          <tbody>
            {visible.map((column) => (
              <ColumnRow key={column.at} column={column} rowCount={rowCount} onRole={onRole} />
            ))}
            {visible.length === 0 && (
              <tr>
                <td colSpan={4}>No column has “{view.filter}” in its name.</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      {pages > 1 && <Pager page={page} pages={pages} total={found.length} onPage={(to) => onView({ page: to })} />}
      <FirstRows columns={visible} preview={preview} />
    </>
  );
}

/** @param {{ column: PlacedColumn, rowCount: number, onRole: (column: string, role: Role) => void }} props */
function ColumnRow({ column, rowCount, onRole }) {
  const { name, kind, unit, role, reason, missing } = column;
  return (
    <tr class={`role-${role}`}>
      <th scope="row">
        <span class="user-text">{name}</span>
        <small>
          {kind}
          {unit !== null && `, ${unit}`}
        </small>
      </th>
      <td class="role">
        <select aria-label={`Role of ${name}`} value={role} onChange={(event) => onRole(name, /** @type {Role} */ (event.currentTarget.value))}>
          {ROLES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
        <small>{reason}</small>
      </td>
      <td>
        <Values column={column} rowCount={rowCount} />
      </td>
      <td class="number">{missing === 0 ? <span class="soft">none</span> : formatPercent(missing / rowCount)}</td>
    </tr>
  );
}

/** @param {{ column: ColumnSummary, rowCount: number }} props */
function Values({ column, rowCount }) {
  const { kind, unit, min, max, mean, distinct, topValues } = column;
  if (kind === "empty") return <span class="soft">no value in any row</span>;
  if (kind === "time") return <span class="figures">{`${formatTime(min)} to ${formatTime(max)}`}</span>;
  if (kind === "number") {
    return (
      <span class="figures">
        {formatNumber(min)} to {formatNumber(max)}
        {unit !== null && ` ${unit}`}
        <small>mean {formatNumber(mean)}</small>
      </span>
    );
  }
  return (
    <span class="figures">
      <span class="user-text">
        {topValues.slice(0, 3).map(({ value, count }, at) => (
          <span key={value}>
            {at > 0 && ", "}
            {value} <span class="soft">{formatPercent(count / rowCount)}</span>
          </span>
        ))}
      </span>
      <small>{distinct === null ? "too many different values to list" : plural(distinct, "different value")}</small>
    </span>
  );
}

/** @param {{ page: number, pages: number, total: number, onPage: (page: number) => void }} props */
function Pager({ page, pages, total, onPage }) {
  return (
    <nav class="pager" aria-label="Pages of columns">
      <button type="button" class="quiet" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <span>
        Columns {formatCount(page * PAGE + 1)} to {formatCount(Math.min(total, (page + 1) * PAGE))} of {formatCount(total)}
      </span>
      <button type="button" class="quiet" disabled={page === pages - 1} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </nav>
  );
}

/** @param {{ columns: PlacedColumn[], preview: string[][] }} props */
function FirstRows({ columns, preview }) {
  const rows = preview.slice(0, 20);
  if (rows.length === 0 || columns.length === 0) return null;
  return (
    <>
      <h3 id="rows-title">First {plural(rows.length, "row")}</h3>
      <div class="scroll short" role="region" aria-labelledby="rows-title" tabIndex={0}>
        <table class="cells">
          <thead>
            <tr>
              {columns.map(({ at, name, role }) => (
                <th key={at} scope="col" class={`user-text is-${role}`}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              <tr key={row}>
                {columns.map(({ at, role }) => (
                  <td key={at} class={`is-${role}`}>
                    {cells[at]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
