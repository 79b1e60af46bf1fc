/** What was dropped on the page. */

/** The type of a folder, as Linux names it: browsers hand over a folder as a file without one, which cannot be read. */
const FOLDER = "inode/directory";

/** @param {DragEvent} event */
export function dropped({ dataTransfer }) {
  return [...(dataTransfer?.items ?? [])].flatMap((item) => {
    const entry = item.webkitGetAsEntry?.();
    return entry?.isDirectory ? new File([], entry.name, { type: FOLDER }) : (item.getAsFile() ?? []);
  });
}

/** What to say of files of which one is a folder. @param {File[]} files */
export function folderProblem(files) {
  const folder = files.find(({ type }) => type === FOLDER);
  return folder && { code: "Folder", message: `${folder.name} is a folder: drop the files that are in it` };
}
