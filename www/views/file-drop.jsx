/** @import { ComponentChildren } from "preact" */
import { dropped } from "../dropped.js";

/**
 * An area that takes files: dropped on it, or chosen through the file input that lies in its label.
 *
 * @param {{ id: string, accept: string, multiple?: boolean, compact?: boolean, describedBy?: string, over: boolean, children: ComponentChildren,
 *   onFiles: (files: Iterable<File>) => void, onOver: (over: boolean) => void }} props
 */
export function FileDrop({ id, accept, multiple, compact, describedBy, over, children, onFiles, onOver }) {
  const onDragOver = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    if (!over) onOver(true);
  };
  const onDrop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    onOver(false);
    onFiles(dropped(event));
  };
  const onChange = (/** @type {Event & { currentTarget: HTMLInputElement }} */ event) => {
    const input = event.currentTarget;
    const files = [...(input.files ?? [])];
    input.value = ""; // so that the same file, corrected, can be chosen again
    if (files.length > 0) onFiles(files);
  };
  return (
    <label
      class={`drop${compact ? " compact" : ""}${over ? " over" : ""}`}
      for={id}
      onDragOver={onDragOver}
      onDragLeave={() => onOver(false)}
      onDrop={onDrop}
    >
      {children}
      <input type="file" id={id} accept={accept} multiple={multiple} aria-describedby={describedBy} onChange={onChange} />
    </label>
  );
}
