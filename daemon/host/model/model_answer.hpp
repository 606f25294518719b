// The labels of one asset, as a model gives them and as Hub takes them: checked, merged, found again. Pure.
#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angod::host {

struct ModelAnswer {
    std::vector<std::string> objects, classifications, relations; ///< a JSON object each, as it came
    std::string brush, medical_brush;                             ///< URLs; empty: none
    std::vector<std::pair<std::string, std::string>> others;      ///< members nobody knows here: name, JSON

    /// Nothing in it to tell Hub.
    bool empty() const;
};

/// What a module gave; empty text: nothing found. The error is a sentence for the user.
Result<ModelAnswer> read_model_answer(std::string_view text);

/// What a task of Hub has: data.task.answer, whose objects may be called tools. Whatever is not as expected in it is
/// left out. answer: null if there is none.
ModelAnswer answer_of_task(const json::Value *answer);

/// Puts the lists of before in front of those of answer. A brush of before stays if answer has none.
void merge_before(ModelAnswer &answer, ModelAnswer before);

/// Gives each object without an objectId one that follows from seed and its place, always the same: by it the labels
/// are found again in Hub.
void add_object_ids(ModelAnswer &answer, std::string_view seed);

/// Whether labels that add_object_ids had are among those that Hub has. Their objects decide; an answer without any
/// is there if Hub has all the rest, equal.
bool contains(const ModelAnswer &in_hub, const ModelAnswer &labels);

/// "objects":[…],"classifications":[…],"relations":[…]
std::string lists_text(const ModelAnswer &answer);
/// ,"brushDataUrl":…,"medicalBrushDataUrl":…: those that there are.
std::string brushes_text(const ModelAnswer &answer);
/// ,"name":…: the others.
std::string others_text(const ModelAnswer &answer);

} // namespace angod::host
