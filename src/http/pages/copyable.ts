import { type Html, html } from './html.ts'

/** A text to take along. The button appears where scripts run; without them the text can be selected. */
export const copyable = (label: string, text: string): Html => html`<div class="copyable">
<pre tabindex="0" aria-label="${label}"><code>${text}</code></pre>
<button type="button" class="quiet" data-copy hidden>Copy<span class="sr"> ${label}</span></button>
</div>`
