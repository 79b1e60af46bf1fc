/** What is being done, how far it is, and the button that ends it. @param {{ title: string, detail?: string, warning?: string, done?: number, total?: number | null, onCancel: () => void }} props */
export function JobProgress({ title, detail, warning, done, total, onCancel }) {
  const known = total !== null && total !== undefined && total > 0;
  return (
    <div class="job">
      <div class="job-words">
        <strong>{title}</strong> <span class="soft">{detail}</span>
      </div>
      {warning && (
        <p class="hint" role="status">
          {warning}
        </p>
      )}
      <progress aria-label={title} {...(known ? { value: done ?? 0, max: total } : {})} />
      <button type="button" class="quiet" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
