import { ActionIcon, Button, Progress } from "@mantine/core";
import { IconFile, IconLink, IconX } from "@tabler/icons-react";

import { strings } from "../../app/strings";
import { sentence } from "../../components/errorWords";
import { fileSize } from "../../lib/fileSize";
import { removeFile, retryFile, type Attachment } from "./attachments";
import classes from "./Composer.module.css";

const t = strings.inbox.composer;

/** The files that go with what is being written. */
export function Attachments({ conversationId, items }: { conversationId: string; items: readonly Attachment[] }) {
  if (items.length === 0) return null;
  return (
    <ul className={classes.files}>
      {items.map((item) => (
        <li key={item.key} className={classes.file} data-error={item.error ? true : undefined}>
          {item.preview ? (
            <img src={item.preview} alt="" className={classes.filePreview} />
          ) : (
            <span className={classes.filePreview}>
              <IconFile size={18} stroke={1.6} aria-hidden />
            </span>
          )}
          <div className={classes.fileText}>
            <span className={classes.fileName}>{item.name}</span>
            <FileState item={item} conversationId={conversationId} />
          </div>
          <ActionIcon variant="subtle" color="gray" size={24} onClick={() => removeFile(conversationId, item.key)} aria-label={t.removeFile(item.name)}>
            <IconX size={14} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

function FileState({ item, conversationId }: { item: Attachment; conversationId: string }) {
  if (item.error) {
    return (
      <span className={classes.fileError}>
        {t.uploadFailed}: {item.error}{" "}
        <Button size="compact-xs" variant="subtle" onClick={() => retryFile(conversationId, item.key)}>
          {strings.common.retry}
        </Button>
      </span>
    );
  }
  if (!item.media) {
    return <Progress value={item.progress * 100} size={4} aria-label={`${t.uploading} ${item.name}`} my={6} />;
  }
  if (!item.media.mms.fits) {
    return (
      <span className={classes.fileInfo}>
        <IconLink size={12} aria-hidden /> {t.asLink(item.media.mms.reason ? sentence(item.media.mms.reason) : null)}
      </span>
    );
  }
  return <span className={classes.fileInfo}>{fileSize(item.size)}</span>;
}
