// Joins the labels of a model with those that the task has, for a run that must not overwrite them.
#pragma once

#include "host/brush/brush_merge.hpp"
#include "host/model/model_answer.hpp"

#include "base/result.hpp"

namespace angod::host {

/// Puts the existing labels behind those of answer, and lays its brushes over the existing ones. A brush that only the
/// task has stays. Errors are sentences for the user; answer is then unusable.
Result<void> keep_existing(ModelAnswer &answer, const ModelAnswer &existing, BrushMerge &brushes);

} // namespace angod::host
