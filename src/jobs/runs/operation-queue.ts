/** Where the work of an operation is; ids only, since job rows are readable without row-level security. */
export interface OperationJob {
  userId: string
  articleId: string
  operationId: string
}
