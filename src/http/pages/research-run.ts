import { latestRun } from '../../commands/runs/research-run.ts'
import { choiceLabel, type RunView, runView } from '../../commands/runs/run-view.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { isRunOpen } from '../../events/runs/run-state.ts'
import { type Html, html } from './html.ts'

/** The article's research run: its button, what it is doing, what it asks. `runs` is where forms post to; null only shows. */
export function researchRun(article: ExistingArticle, runs: string | null): Html | null {
  const run = latestRun(article)
  const view = run && runView(article, run, new Date(run.since))
  if (run && view && isRunOpen(run)) {
    return html`<section class="card working" aria-labelledby="run">
<h2 id="run">${view.question ? 'The research asks' : 'Research at work'}</h2>
${view.question && questionPart(view, runs)}
${stepList(view)}
${runs && !view.question && html`<form method="post" action="${runs}/${run.id}/cancel"><button type="submit">Stop the research</button></form>`}
</section>`
  }
  if (article.archived || !runs) return null
  return html`<section class="card next" aria-labelledby="run">
<h2 id="run">${view ? 'Research more' : 'Research'}</h2>
<p class="fine">Reads the sources, searches in rounds, keeps the best and compiles research.md. It asks when something fails altogether.</p>
<form method="post" action="${runs}">
<label for="rounds">Rounds of web research</label>
<input id="rounds" type="number" name="rounds" min="0" max="10" value="3">
<div class="actions"><button type="submit">${view ? 'Research again' : 'Research this article'}</button></div>
</form>
${view && stepList(view)}
</section>`
}

function questionPart({ question, run_id: runId }: RunView, runs: string | null): Html | null {
  if (!question) return null
  return html`<p role="alert">${question.text}</p>
${
  question.failures.length > 0 &&
  html`<ul class="list">${question.failures.map(
    ({ label, failure }) =>
      html`<li><span>${label}</span> <span class="fine">${failure}</span></li>`,
  )}</ul>`
}
${
  runs &&
  html`<form method="post" action="${runs}/${runId}/answer">
<input type="hidden" name="question" value="${question.question}">
<div class="actions">${question.choices.map(
    (choice) =>
      html`<button type="submit" name="decision" value="${choice}">${choiceLabel(choice, question.kind)}</button> `,
  )}</div>
</form>`
}`
}

const stateWords = { begun: 'at work', done: 'done', nothing: 'nothing to do', failed: 'failed' }

const stepList = ({ steps }: RunView): Html => html`<ol class="list" aria-label="Steps of the run">
${steps.map(
  ({ tool, state, total, succeeded, failed, note }) =>
    html`<li><code>${tool}</code> <span class="fine">${stateWords[state]}${total > 0 && `, ${succeeded} of ${total}`}${failed > 0 && `, ${failed} failed`}${note && `: ${note}`}</span></li>`,
)}
</ol>`
