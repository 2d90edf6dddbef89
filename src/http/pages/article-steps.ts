import type { ArticleSource, ExistingArticle } from '../../events/articles/article-state.ts'
import { plannedRounds } from '../../events/articles/next-step.ts'
import { type Html, html } from './html.ts'

interface Step {
  label: string
  done: boolean
}

/** The way from guideline to research.md; the first step that is not done is the current one. */
export function articleSteps(article: ExistingArticle): Html {
  const steps = stepsOf(article)
  const current = steps.findIndex((step) => !step.done)
  return html`<ol class="steps" aria-label="Progress">
${steps.map((step, index) => {
  const state = step.done ? 'done' : index === current ? 'current' : 'later'
  return html`<li class="${state}"${index === current && html` aria-current="step"`}><span>${step.label}</span>${
    step.done && html`<span class="sr"> (done)</span>`
  }</li>`
})}
</ol>`
}

function stepsOf(article: ExistingArticle): Step[] {
  const sources = [...article.sources.values()]
  const settled = (these: ArticleSource[]) => these.every((source) => source.state !== 'pending')
  const ofGuideline = sources.filter((source) => source.origin === 'guideline')
  const found = sources.filter((source) => source.origin === 'research')
  const compiled = article.compiled !== null
  return [
    { label: 'Guideline', done: true },
    { label: 'Links', done: article.extracted },
    { label: 'Its sources', done: article.extracted && settled(ofGuideline) },
    {
      label: `Research ${Math.min(article.rounds, plannedRounds)}/${plannedRounds}`,
      done: compiled || article.rounds >= plannedRounds,
    },
    { label: 'Selection', done: compiled || article.selectionMade },
    {
      label: 'In full',
      done: compiled || (article.choiceMade && settled(found.filter((source) => source.chosen))),
    },
    { label: 'research.md', done: compiled },
  ]
}
