import { IconFileTypeCsv } from "@tabler/icons-react";
import { useId, useRef, useState, type DragEvent } from "react";
import { imports } from "../../strings/imports";
import { refusedFile } from "./import";
import classes from "./DropZone.module.css";

const t = imports.drop;

/**
 * Takes a file by drop, by click or by key. It is the file input itself that is stretched over the
 * zone, so that all of that is the browser's.
 */
export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<ReturnType<typeof refusedFile>>(undefined);
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  const take = (file: File | undefined) => {
    setOver(false);
    if (!file) return;
    const why = refusedFile(file);
    setRefused(why);
    if (!why) onFile(file);
    // The same file again, corrected meanwhile, is a change too.
    if (input.current) input.current.value = "";
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  };
  return (
    <>
      <div
        className={classes.zone}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <IconFileTypeCsv size={34} stroke={1.4} aria-hidden className={classes.icon} />
        <p className={classes.title}>
          {over ? (
            t.release
          ) : (
            <>
              {t.title} <span className={classes.or}>{t.or}</span> <span className={classes.link}>{t.choose}</span>
            </>
          )}
        </p>
        <p className={classes.hint} id={hint}>
          {t.limits}
        </p>
        <input
          ref={input}
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          className={classes.input}
          aria-label={t.label}
          aria-describedby={hint}
          onChange={(event) => take(event.currentTarget.files?.[0])}
        />
      </div>
      {refused && (
        <p className={classes.refused} role="alert">
          {imports.refused[refused]}
        </p>
      )}
    </>
  );
}
