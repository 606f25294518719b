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

/// Reads the labels of a task of Hub (data.task): the objects of its "answer" are in the list "tools", "objects" or both,
/// and the brushes stand beside the answer. Unexpected members are left out.
ModelAnswer answer_of_task(const json::Value &task);

/// Puts the existing labels behind those of answer, as Hub's own client does. An existing classification is left out if
/// answer has one for the same question (schemaId). Brushes are not touched.
void merge_existing(ModelAnswer &answer, const ModelAnswer &existing);

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
/// The same with both members: null for a brush that does not exist, so that Hub removes that of the task.
std::string both_brushes_text(const ModelAnswer &answer);
/// ,"name":… for each other member.
std::string others_text(const ModelAnswer &answer);

} // namespace angod::host
