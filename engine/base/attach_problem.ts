/**
 * What is wrong with a litmus test that was attached to a walk: told to whoever attached it.
 */
export class AttachProblem extends Error {}
