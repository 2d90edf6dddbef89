import { type Html, html } from './html.ts'
import { layout } from './layout.ts'

/** What went wrong, what to do next, and what to tell the operator. */
export const errorPage = (
  base: string,
  problem: { status: number; sentence: string; hint: string; code: string; requestId: string },
): Html =>
  layout(base, {
    title: problem.sentence,
    main: html`<section class="card narrow problem" data-problem>
<p class="eyebrow">${problem.status}</p>
<h1>${problem.sentence}</h1>
<p>${problem.hint}</p>
<p class="fine">${problem.code} · request ${problem.requestId}</p>
</section>`,
  })
