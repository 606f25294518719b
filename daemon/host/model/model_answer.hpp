// The labels of one asset: reading a model's answer, merging it with existing labels, and finding it again in Hub.
// Pure.
#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angod::host {

struct ModelAnswer {
    std::vector<std::string> objects, classifications, relations; ///< one JSON object each, unchanged
    std::string brush, medical_brush;                             ///< URLs; empty: none
    std::vector<std::pair<std::string, std::string>> others;      ///< unknown members: name, JSON

    /// Whether it contains nothing for Hub.
    bool empty() const;
};

/// Reads the answer of a module; an empty text means that it found nothing. The error is a sentence for the user.
Result<ModelAnswer> read_model_answer(std::string_view text);

/// Reads the labels of a task of Hub (data.task.answer), whose objects may be called "tools". Unexpected members are
/// left out. answer: null if there is none.
ModelAnswer answer_of_task(const json::Value *answer);

/// Puts the lists of `before` in front of the lists of answer. A brush of `before` stays if answer has none.
void merge_before(ModelAnswer &answer, ModelAnswer before);

/// Gives each object without an objectId an id that follows from the seed and its place. The id is the same in every
/// attempt, so the labels can be found again in Hub.
void add_object_ids(ModelAnswer &answer, std::string_view seed);

/// Whether Hub has the labels, which went through add_object_ids. The ids of the objects decide. Labels without objects
/// are there if Hub has equal classifications, relations and brushes.
bool contains(const ModelAnswer &in_hub, const ModelAnswer &labels);

/// "objects":[…],"classifications":[…],"relations":[…]
std::string lists_text(const ModelAnswer &answer);
/// ,"brushDataUrl":…,"medicalBrushDataUrl":… as far as they exist.
std::string brushes_text(const ModelAnswer &answer);
/// ,"name":… for each other member.
std::string others_text(const ModelAnswer &answer);

} // namespace angod::host
