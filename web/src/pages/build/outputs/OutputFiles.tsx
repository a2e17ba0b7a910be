import { Component } from 'preact'
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { OutputFile } from '../../../api/types.ts'
import { Failure } from '../../../parts/Failure.tsx'
import { dateText } from '../../../parts/time.ts'
import { rawUrl, useFolder, type OutputPlace } from '../../../store/outputs.ts'
import { bytesText } from '../image-text.ts'
import { FilePreview } from './FilePreview.tsx'
import { modeText, nameText } from './file-text.ts'
import css from './OutputFiles.module.css'

/** The files of an output, a folder at a time. */
export function OutputFiles({ place }: { readonly place: OutputPlace }): preact.JSX.Element {
  const [path, setPath] = useState<readonly string[]>([])
  const at = path.join('/')
  const files = useRef<HTMLDivElement>(null)
  const entered = useRef(at)
  // The button that was pressed is gone with its folder.
  useLayoutEffect(() => {
    if (entered.current !== at) files.current?.focus()
    entered.current = at
  }, [at])
  return (
    <div ref={files} class={css.files} tabIndex={-1}>
      {path.length > 0 && (
        <nav aria-label={`Folder of ${place.name}`}>
          {[place.name, ...path].map((name, depth) => (
            <span key={depth}>
              {depth > 0 && <span aria-hidden="true">/</span>}
              {depth === path.length ? <b aria-current="true">{nameText(name)}</b> : <button class={css.name} onClick={() => setPath(path.slice(0, depth))}>{nameText(name)}</button>}
            </span>
          ))}
        </nav>
      )}
      <FolderTable key={at} place={place} at={at} onEnter={(name) => setPath([...path, name])} />
    </div>
  )
}

interface FolderTableProps {
  readonly place: OutputPlace
  readonly at: string
  readonly onEnter: (name: string) => void
}

function FolderTable({ place, at, onEnter }: FolderTableProps): preact.JSX.Element {
  const { pages, state, more } = useFolder(place, at)
  const [shown, setShown] = useState<OutputFile>()
  const pathOf = useCallback(({ name }: OutputFile): string => (at === '' ? name : `${at}/${name}`), [at])
  const opener = useRef<Element | null>(null)
  const show = useCallback((file: OutputFile): void => {
    opener.current = document.activeElement
    setShown(file)
  }, [])
  const close = (): void => {
    setShown(undefined)
    if (opener.current instanceof HTMLElement) opener.current.focus()
  }
  const count = pages.reduce((sum, page) => sum + page.length, 0)
  return (
    <>
      {shown !== undefined && <FilePreview key={shown.name} place={place} path={pathOf(shown)} size={shown.size} onClose={close} />}
      {count > 0 && (
        <table>
          <caption class="hidden-visually">{`Files of ${nameText(at === '' ? place.name : at)}`}</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Size</th>
              <th scope="col" class={css.wide}>Mode</th>
              <th scope="col" class={css.wide}>Changed</th>
              <th scope="col"><span class="hidden-visually">Download</span></th>
            </tr>
          </thead>
          {pages.map((files, index) => <Rows key={index} {...{ place, files, pathOf, onEnter }} onShow={show} />)}
        </table>
      )}
      {state === 'loading' && <p class="dim" role="status">Reading…</p>}
      {state === 'all' && count === 0 && <p class="dim">It is empty.</p>}
      {state === 'more' && <button onClick={more}>{`More than ${count} files: show the next`}</button>}
      {typeof state === 'object' && <Failure error={state.failed} retry={more} />}
    </>
  )
}

interface RowsProps {
  readonly place: OutputPlace
  readonly files: readonly OutputFile[]
  readonly pathOf: (file: OutputFile) => string
  readonly onEnter: (name: string) => void
  readonly onShow: (file: OutputFile) => void
}

/** A page of files. It stays as it is when further ones come: with thousands of them each page would take longer than the one before. */
class Rows extends Component<RowsProps> {
  override shouldComponentUpdate({ files, pathOf }: RowsProps): boolean {
    return files !== this.props.files || pathOf !== this.props.pathOf
  }

  override render({ place, files, pathOf, onEnter, onShow }: RowsProps): preact.JSX.Element {
    return (
      <tbody>
        {files.map((file) => (
          <tr key={file.name} data-type={file.type}>
            <td>{nameOf(file, onEnter, onShow)}</td>
            <td>{file.type === 'file' ? bytesText(file.size) : ''}</td>
            <td class={`${css.wide} mono`}>{modeText(file.mode)}</td>
            <td class={css.wide}>{file.mtime > 0 && dateText(file.mtime)}</td>
            <td>{file.type === 'file' && <a href={rawUrl(place, pathOf(file))} download="" aria-label={`Download ${nameText(file.name)}`}>↓</a>}</td>
          </tr>
        ))}
      </tbody>
    )
  }
}

function nameOf(file: OutputFile, onEnter: (name: string) => void, onShow: (file: OutputFile) => void): preact.ComponentChild {
  switch (file.type) {
    case 'dir': return <button class={css.name} onClick={() => onEnter(file.name)}>{`${nameText(file.name)}/`}</button>
    case 'file': return <button class={css.name} onClick={() => onShow(file)}>{nameText(file.name)}</button>
    case 'link': return <span class="dim">{`${nameText(file.name)} → ${nameText(file.target ?? '')}`}</span>
  }
}
