import { describe, it } from 'node:test'
import { decideChooseSources } from '../../src/commands/choose-sources.ts'
import { decideSelectSources } from '../../src/commands/select-sources.ts'
import { SourcesChosenForScraping } from '../../src/events/article-events.ts'
import {
  articleSpec,
  asked,
  at,
  chosen,
  created,
  extracted,
  found,
  now,
  selected,
} from '../support/article-facts.ts'

const researched = [created, extracted, asked(1, 1), found(1, 8, 9)]
const by = { by: 'agent' as const, note: null, now }
const decide = (...decisions: [number, boolean][]) => ({
  ...by,
  decisions: decisions.map(([source, keep]) => ({ source, keep, reason: 'because' })),
})
const choose = (...sources: number[]) => ({
  ...by,
  chosen: sources.map((source) => ({ source, reason: 'because' })),
})

describe('select sources to keep', () => {
  const given = articleSpec(decideSelectSources)
  it('records a decision with its reason for every source', () => {
    given(...researched)
      .when(decide([8, true], [9, false]))
      .thenEvents(selected([8, true], [9, false]))
  })
  it('records that none is kept as a decision like any other', () => {
    given(...researched)
      .when(decide([8, false], [9, false]))
      .thenEvents(selected([8, false], [9, false]))
  })
  it('adds only what changes', () => {
    given(...researched, selected([8, true], [9, false]))
      .when(decide([8, true], [9, true]))
      .thenEvents(selected([9, true]))
    given(...researched, selected([8, true], [9, false]))
      .when(decide([8, true], [9, false]))
      .thenNothing()
  })
  it('refuses a number that no search has found', () => {
    given(...researched)
      .when(decide([7, true]))
      .thenRefused('SOURCE_UNKNOWN')
    given(...researched)
      .when(decide([1, true]))
      .thenRefused('SOURCE_UNKNOWN')
  })
  it('says which tool comes first when nothing was researched', () => {
    given(created, extracted).when(decide()).thenRefused('STEP_OUT_OF_ORDER')
  })
})

describe('choose sources to scrape', () => {
  const given = articleSpec(decideChooseSources)
  it('takes sources that were kept', () => {
    given(...researched, selected([8, true], [9, false]))
      .when(choose(8))
      .thenEvents(chosen(8))
  })
  it('refuses a source that was rejected, whatever its page says', () => {
    given(...researched, selected([8, true], [9, false]))
      .when(choose(9))
      .thenRefused('SOURCE_REJECTED')
  })
  it('refuses a source that no search has found', () => {
    given(...researched, selected([8, true]))
      .when(choose(1))
      .thenRefused('SOURCE_UNKNOWN')
  })
  it('comes after the selection', () => {
    given(...researched)
      .when(choose(8))
      .thenRefused('STEP_OUT_OF_ORDER')
  })
  it('replaces the choice before it and names what is dropped', () => {
    given(...researched, selected([8, true], [9, true]), chosen(8))
      .when(choose(9))
      .thenEvents(
        SourcesChosenForScraping({
          chosen: [{ source: 9, reason: 'because' }],
          dropped: [8],
          by: 'agent',
          note: null,
          chosen_at: at,
        }),
      )
    given(...researched, selected([8, true]), chosen(8))
      .when(choose(8))
      .thenNothing()
  })
})
