import classes from "./Facts.module.css";

interface FactsProps {
  facts: readonly (readonly [name: string, value: string])[];
  /** Below; why it can't be changed, for example. */
  note?: string;
}

/** What others may change, for reading. */
export function Facts({ facts, note }: FactsProps) {
  return (
    <>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {note && <p className={classes.note}>{note}</p>}
    </>
  );
}
