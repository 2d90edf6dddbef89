/*
 * What pages do beyond plain HTML: upload progress, copying, live articles. Markup comes from the server,
 * escaped; text that is made here goes in as text only.
 */

const find = (selector, from = document) => from.querySelector(selector)
const findAll = (selector, from = document) => [...from.querySelectorAll(selector)]

const byteSize = (bytes) => {
  if (bytes < 1000) return `${bytes} bytes`
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

function enableCopying(root) {
  for (const button of findAll('[data-copy]', root)) {
    button.hidden = false
    button.addEventListener('click', async () => {
      const text = find('code', button.parentElement).textContent
      try {
        await navigator.clipboard.writeText(text)
        button.firstChild.textContent = 'Copied'
      } catch {
        getSelection().selectAllChildren(find('code', button.parentElement))
        button.firstChild.textContent = 'Press Ctrl-C'
      }
      setTimeout(() => {
        button.firstChild.textContent = 'Copy'
      }, 2000)
    })
  }
}

function showChosen(input, form) {
  const list = find('[data-chosen]', form)
  if (!list) return
  const items = [...input.files].map((file) => {
    const item = document.createElement('li')
    const name = document.createElement('code')
    const size = document.createElement('span')
    name.textContent = file.name
    size.textContent = byteSize(file.size)
    size.className = 'mark'
    item.append(name, ' ', size)
    return item
  })
  list.replaceChildren(...items)
  const names = new Set([...input.files].map((file) => file.name.normalize('NFC').toLowerCase()))
  for (const expected of findAll('[data-file]')) {
    expected.classList.toggle('picked', names.has(expected.dataset.file.toLowerCase()))
  }
}

function enableDrop(area, input) {
  const over = (on) => (event) => {
    event.preventDefault()
    area.classList.toggle('over', on)
  }
  area.addEventListener('dragover', over(true))
  area.addEventListener('dragleave', over(false))
  area.addEventListener('drop', (event) => {
    over(false)(event)
    if (event.dataTransfer.files.length === 0) return
    input.files = event.dataTransfer.files
    input.dispatchEvent(new Event('change'))
  })
}

function enableUpload(form) {
  const input = find('input[type=file]', form)
  const alert = find('[data-alert]', form)
  const progress = find('[data-progress]', form)
  const button = find('button[type=submit]', form)
  const area = find('[data-drop]', form)
  input.addEventListener('change', () => showChosen(input, form))
  if (area) enableDrop(area, input)

  const fail = (text) => {
    button.disabled = false
    progress.hidden = true
    alert.textContent = text
    alert.hidden = false
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    alert.hidden = true
    button.disabled = true
    progress.hidden = false
    const bar = find('progress', progress)
    const percent = find('[data-percent]', progress)
    const request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.setRequestHeader('accept', 'text/html')
    request.upload.addEventListener('progress', (sent) => {
      if (!sent.lengthComputable) return
      bar.value = (100 * sent.loaded) / sent.total
      if (percent) percent.textContent = `${byteSize(sent.loaded)} of ${byteSize(sent.total)}`
    })
    request.addEventListener('error', () =>
      fail('The connection broke. Send it again: what has arrived is not stored twice.'),
    )
    request.addEventListener('load', () => {
      const page = new DOMParser().parseFromString(request.responseText, 'text/html')
      const problem = find('[data-problem]', page)
      if (problem) {
        const hint = find('h1 + p', problem)?.textContent ?? ''
        fail(`${find('h1', problem).textContent} ${hint}`)
        return
      }
      if (find('[data-success]', page)) {
        const main = document.adoptNode(find('main', page))
        find('main').replaceWith(main)
        document.title = page.title
        enableCopying(main)
        main.focus()
      } else location.assign(request.responseURL)
    })
    request.send(new FormData(form))
  })
}

/** Replaces what has changed, keeping open details, scroll positions and the focus where they were. */
function swap(live, next) {
  const focused = document.activeElement
  const openIds = new Set(findAll('details[open]', live).map((details) => details.id))
  const closedIds = new Set(findAll('details:not([open])', live).map((details) => details.id))
  for (const details of findAll('details', next)) {
    if (openIds.has(details.id)) details.open = true
    if (closedIds.has(details.id)) details.open = false
  }
  const before = [...live.children]
  const after = [...next.children]
  const sameShape =
    before.length === after.length &&
    before.every(
      (element, index) =>
        element.className === after[index].className && element.tagName === after[index].tagName,
    )
  if (!sameShape) live.replaceChildren(...after)
  else
    before.forEach((element, index) => {
      const unchanged = element.isEqualNode(after[index])
      if (!unchanged && !element.contains(focused)) element.replaceWith(after[index])
      else if (!unchanged) element.replaceChildren(...after[index].childNodes)
    })
  live.dataset.version = next.dataset.version
}

function enableLive(live) {
  const announce = find('[data-announce]')
  let busy = false
  let wanted = Number(live.dataset.version)

  const refresh = async () => {
    if (busy) return
    busy = true
    try {
      while (wanted > Number(live.dataset.version)) {
        const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
        if (!answer.ok) break
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
        const next = find('#live', page)
        if (!next) break
        swap(live, document.adoptNode(next))
        document.title = page.title
        await new Promise((resolve) => setTimeout(resolve, 400))
      }
    } finally {
      busy = false
    }
  }

  const events = new EventSource(live.dataset.events)
  events.addEventListener('article', (event) => {
    const article = JSON.parse(event.data)
    wanted = article.version
    const { scraped, failed, total } = article.sources
    const said = article.research
      ? 'research.md is ready.'
      : `${scraped + failed} of ${total} sources read, ${failed} failed.`
    if (announce.textContent !== said) announce.textContent = said
    // A failed refresh is made up for by the next event.
    refresh().catch(() => {})
  })
}

enableCopying(document)
for (const form of findAll('form[data-upload]')) enableUpload(form)
const live = find('#live')
if (live) enableLive(live)
