'use client';

import { useModelParameters } from './model-parameters';
import { ModelDetail } from './model-detail';
import { ModelList } from './model-list';

/** The models; or one of them, where the URL names it. */
export function ModelsView() {
  const [{ id }] = useModelParameters();
  return id === null ? <ModelList /> : <ModelDetail key={id} id={id} />;
}
