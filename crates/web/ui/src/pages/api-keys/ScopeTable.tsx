import { Checkbox } from "@mantine/core";
import type { ReactNode } from "react";
import { apiKeys } from "../../strings/apiKeys";
import { useMay } from "../common/may";
import type { Scope } from "../model";
import { scopeAreas, usable } from "./scopes";
import classes from "./ScopeTable.module.css";

const t = apiKeys.form;

interface ScopeTableProps {
  value: Scope[];
  onChange: (value: Scope[]) => void;
  error?: ReactNode;
}

/** All scopes: areas down, reading and changing across. */
export function ScopeTable({ value, onChange, error }: ScopeTableProps) {
  const { role } = useMay();
  const toggle = (scope: Scope, on: boolean) =>
    onChange(on ? [...value, scope] : value.filter((one) => one !== scope));
  const cell = (area: string, right: string, scope: Scope | undefined) => (
    <td>
      {scope && (
        <Checkbox
          aria-label={t.scopeLabel(t.areas[area] ?? area, right)}
          checked={value.includes(scope)}
          disabled={!usable(scope, role)}
          onChange={(event) => toggle(scope, event.currentTarget.checked)}
        />
      )}
    </td>
  );
  return (
    <div>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t.area}</th>
            <th scope="col">{t.read}</th>
            <th scope="col">{t.write}</th>
          </tr>
        </thead>
        <tbody>
          {scopeAreas().map(({ area, read, write }) => (
            <tr key={area}>
              <th scope="row">{t.areas[area] ?? area}</th>
              {cell(area, t.read, read)}
              {cell(area, t.write, write)}
            </tr>
          ))}
        </tbody>
      </table>
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
