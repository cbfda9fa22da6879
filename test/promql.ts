import { parser } from '@prometheus-io/lezer-promql';

/** A series that an expression asks for. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** Every series in an expression. @throws Error where it is no PromQL, with the place */
export function selectorsOf(expression: string): readonly Selector[] {
  const selectors: Selector[] = [];
  const visit = (node: Node): void => {
    if (node.type.isError) throw new Error(`no PromQL from character ${node.from}: ${expression}`);
    if (node.name === 'VectorSelector') selectors.push(selectorOf(node, expression));
    for (let child = node.firstChild; child !== null; child = child.nextSibling) visit(child);
  };
  visit(parser.parse(expression).topNode);
  return selectors;
}

function selectorOf(node: Node, expression: string): Selector {
  const text = (from: Node | null): string => (from === null ? '' : expression.slice(from.from, from.to));
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: text(node.getChild('Identifier')),
    labels: matchers.map((matcher) => ({
      name: text(matcher.getChild('LabelName')),
      value: text(matcher.getChild('StringLiteral')).slice(1, -1),
    })),
  };
}
