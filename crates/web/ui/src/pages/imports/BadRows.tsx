import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { notifyError } from "../../components/notify";
import { sentence } from "../../components/errorWords";
import { imports } from "../../strings/imports";
import { Section } from "../common/Section";
import { useBadRows } from "../data/imports";
import type { Import } from "../model";
import classes from "./ImportPage.module.css";

const t = imports.ended;

/** The first rows that can't be used, and all of them as a file. */
export function BadRows({ of: { id, filename, errors, failed }, title }: { of: Import; title: string }) {
  const download = useBadRows();
  if (errors.length === 0) return null;
  return (
    <Section
      title={title}
      text={failed > errors.length ? t.first(errors.length, failed) : undefined}
      flush
      aside={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={14} />}
          loading={download.isPending}
          onClick={() => download.mutate({ id, filename }, { onError: notifyError })}
        >
          {t.download}
        </Button>
      }
    >
      <table className={classes.bad}>
        <thead>
          <tr>
            <th scope="col">{t.row}</th>
            <th scope="col">{t.column}</th>
            <th scope="col">{t.value}</th>
            <th scope="col">{t.reason}</th>
          </tr>
        </thead>
        <tbody>
          {errors.map(({ row, column, value, detail }, index) => (
            <tr key={`${String(row)} ${String(index)}`}>
              <th scope="row">{row.toLocaleString()}</th>
              <td>{column ?? <span className={classes.soft}>{t.wholeRow}</span>}</td>
              <td className={classes.value}>{value || <span className={classes.soft}>{t.emptyValue}</span>}</td>
              <td>{sentence(detail)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
