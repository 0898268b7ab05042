import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconFile, IconFileAlert, IconFileTypePdf, IconLink, IconLoader2, IconDownload } from "@tabler/icons-react";
import { useState } from "react";

import type { Media } from "../../api/types";
import { strings } from "../../app/strings";
import { applyMessage } from "../cache";
import { forgetMediaUrl, mediaUrl } from "../mediaUrl";
import { fetchMessage } from "../requests";
import { fileSize } from "../../lib/fileSize";
import classes from "./Media.module.css";

const t = strings.inbox.media;

interface MediaItemProps {
  media: Media;
  messageId: string;
}

/** A file of a message: seen or heard in place where the browser can, else to be downloaded. */
export function MediaItem({ media, messageId }: MediaItemProps) {
  const client = useQueryClient();
  const [renewed, setRenewed] = useState(0);
  if (media.status === "failed" || media.status === "removed") return <Missing media={media} />;
  if (!media.url) return <Coming />;

  // A link that has run out: the message has a new one. Once only, or what is really gone is asked for forever.
  const onError = () => {
    if (renewed > 0) return;
    setRenewed((n) => n + 1);
    forgetMediaUrl(media.id);
    forgetMediaUrl(`${media.id}-small`);
    void fetchMessage(messageId)
      .then((message) => applyMessage(client, message))
      .catch(() => undefined);
  };
  const url = mediaUrl(media.id, media.url);
  const kind = media.content_type.split("/")[0];
  const failed = renewed > 1;
  if (kind === "image" && !failed && media.thumbnail_url) return <Picture media={media} url={url} onError={onError} />;
  if (kind === "video") {
    return (
      <video className={classes.video} src={url} controls preload="metadata" playsInline aria-label={media.filename ?? t.video} onError={onError}>
        {t.unplayable}
      </video>
    );
  }
  if (kind === "audio") {
    return <audio className={classes.audio} src={url} controls preload="metadata" aria-label={media.filename ?? t.audio} onError={onError} />;
  }
  return <Document media={media} url={url} />;
}

function Picture({ media, url, onError }: { media: Media; url: string; onError: () => void }) {
  const [open, setOpen] = useState(false);
  const small = media.thumbnail_url ? mediaUrl(`${media.id}-small`, media.thumbnail_url) : url;
  const name = media.filename ?? t.image;
  const { width, height } = fitted(media);
  return (
    <>
      <button type="button" className={classes.picture} onClick={() => setOpen(true)} aria-label={`${t.open}: ${name}`}>
        <img src={small} alt={name} width={width} height={height} loading="lazy" decoding="async" onError={onError} />
      </button>
      <Modal opened={open} onClose={() => setOpen(false)} fullScreen title={name} classNames={{ body: classes.viewerBody, content: classes.viewer, header: classes.viewerHeader }}>
        <img src={url} alt={name} className={classes.large} />
        <a href={url} download={media.filename ?? true} className={classes.download}>
          <IconDownload size={16} aria-hidden /> {t.download}
        </a>
      </Modal>
    </>
  );
}

/** The size it will have is known before it is there, so nothing jumps. */
function fitted(media: Media): { width: number; height: number } {
  const [maxWidth, maxHeight] = [260, 260];
  const width = media.width || maxWidth;
  const height = media.height || maxHeight;
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}

function Document({ media, url }: { media: Media; url: string }) {
  const Icon = media.content_type === "application/pdf" ? IconFileTypePdf : IconFile;
  return (
    <a className={classes.document} href={url} target="_blank" rel="noopener noreferrer">
      <Icon size={26} stroke={1.5} aria-hidden />
      <span className={classes.documentText}>
        <span className={classes.documentName}>{media.filename ?? t.file}</span>
        <span className={classes.documentInfo}>
          {[media.content_type.split("/")[1]?.toUpperCase(), media.size ? fileSize(media.size) : null].filter(Boolean).join(" · ")}
          {media.sent_as === "link" && (
            <>
              {" · "}
              <IconLink size={12} aria-hidden /> {t.asLink}
            </>
          )}
        </span>
      </span>
    </a>
  );
}

function Coming() {
  return (
    <div className={classes.document} role="status">
      <IconLoader2 size={22} stroke={1.6} className={classes.spin} aria-hidden />
      <span>{t.pending}</span>
    </div>
  );
}

function Missing({ media }: { media: Media }) {
  return (
    <div className={classes.document} data-missing>
      <IconFileAlert size={24} stroke={1.6} aria-hidden />
      <span>{media.status === "removed" ? t.removed : t.failed[media.reason ?? "unknown"]}</span>
    </div>
  );
}
