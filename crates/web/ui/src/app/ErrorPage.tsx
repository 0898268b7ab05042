import { Button } from "@mantine/core";
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { IconCompass, IconRefreshAlert } from "@tabler/icons-react";

import { ApiProblem, NetworkProblem } from "../api/problem";
import { EmptyState } from "../components/EmptyState";
import { ErrorState } from "../components/ErrorState";
import { strings } from "./strings";

/** What shows instead of a page that failed: an answer in words, or that the page itself has a fault. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  if (error instanceof ApiProblem || error instanceof NetworkProblem) return <ErrorState error={error} onRetry={reset} />;
  return (
    <EmptyState
      icon={<IconRefreshAlert size={24} stroke={1.7} />}
      title={strings.errors.page.title}
      actions={<Button onClick={() => window.location.reload()}>{strings.common.reload}</Button>}
    >
      {strings.errors.page.detail}
    </EmptyState>
  );
}

export function NotFoundPage() {
  return (
    <EmptyState
      icon={<IconCompass size={24} stroke={1.7} />}
      title={strings.errors.notFound.title}
      actions={
        <Button component={Link} to="/inbox">
          {strings.errors.notFound.action}
        </Button>
      }
    >
      {strings.errors.notFound.detail}
    </EmptyState>
  );
}
