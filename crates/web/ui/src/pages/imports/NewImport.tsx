import { useState } from "react";
import { imports as t } from "../../strings/imports";
import { Section } from "../common/Section";
import { Trouble } from "../common/Trouble";
import { useRetryKey } from "../common/useRetryKey";
import { useImport, useStartImport } from "../data/imports";
import { DropZone } from "./DropZone";
import { DuplicateChoice, type OnDuplicate } from "./DuplicateChoice";
import { FieldHelp } from "./FieldHelp";
import { ImportHistory } from "./ImportHistory";
import { isRunning } from "./import";
import { Preview } from "./Preview";
import { Reading } from "./Reading";
import { Steps } from "./Steps";

/** A file, rehearsed before anything is changed. */
export function NewImport({ onStarted }: { onStarted: (id: string) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [onDuplicate, setOnDuplicate] = useState<OnDuplicate>("update");
  const rehearsal = useStartImport();
  const real = useStartImport();
  const rehearsalKey = useRetryKey(rehearsal.error);
  const realKey = useRetryKey(real.error);
  const preview = useImport(rehearsal.data?.id);
  const known = preview.data ?? rehearsal.data;

  const check = (chosen: File, duplicates: OnDuplicate) => {
    setFile(chosen);
    const content = [chosen.name, chosen.size, chosen.lastModified, duplicates];
    rehearsal.mutate({ file: chosen, onDuplicate: duplicates, dryRun: true, key: rehearsalKey(content) });
  };
  const changeDuplicates = (next: OnDuplicate) => {
    setOnDuplicate(next);
    // What would become of whom depends on it.
    if (file && rehearsal.data) check(file, next);
  };
  const start = () => {
    if (!file) return;
    const content = [file.name, file.size, file.lastModified, onDuplicate];
    real.mutate(
      { file, onDuplicate, dryRun: false, key: realKey(content) },
      { onSuccess: ({ id }) => onStarted(id) },
    );
  };
  const again = () => {
    setFile(null);
    rehearsal.reset();
    real.reset();
  };

  const busy = rehearsal.isPending || isRunning(known);
  if (file && !rehearsal.isError && (busy || known)) {
    return (
      <>
        <Steps active={1} />
        {busy || !known ? (
          <Reading filename={file.name} progress={rehearsal.isPending ? undefined : known} />
        ) : (
          <Preview
            preview={known}
            filename={file.name}
            onStart={start}
            onOther={again}
            starting={real.isPending}
            error={real.error ?? preview.error}
          >
            <DuplicateChoice value={onDuplicate} onChange={changeDuplicates} />
          </Preview>
        )}
      </>
    );
  }
  return (
    <>
      <Steps active={0} />
      <Section title={t.steps.choose}>
        <DropZone onFile={(chosen) => check(chosen, onDuplicate)} />
        <Trouble error={rehearsal.error} />
        <FieldHelp />
      </Section>
      <ImportHistory />
    </>
  );
}
