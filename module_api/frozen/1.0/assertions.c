/* What modules of interface 1.0 have compiled in, and every later header of its major version must keep. Written by
 * packaging/check.d/abi; never edited after the freeze. Compiled with the present header, as C11 and as C++20. */
#include <ango/module.h>

#include <assert.h>
#include <stddef.h>

/* clang-format off */
#if UINTPTR_MAX == UINT64_MAX
#define AT(type, member, offset) static_assert(offsetof(type, member) == offset, #type "." #member " has moved")
#define AT_LEAST(type, size) static_assert(sizeof(type) >= size, #type " has shrunk")
#define EXACTLY(type, size) static_assert(sizeof(type) == size, #type " has another size")

EXACTLY(ango_str, 16);
AT(ango_str, data, 0);
AT(ango_str, size, 8);

AT_LEAST(ango_requirement, 32);
AT(ango_requirement, struct_size, 0);
AT(ango_requirement, revision, 4);
AT(ango_requirement, name, 8);
AT(ango_requirement, optional, 24);
AT(ango_requirement, reserved, 28);

AT_LEAST(ango_host, 24);
AT(ango_host, struct_size, 0);
AT(ango_host, abi, 4);
AT(ango_host, ctx, 8);
AT(ango_host, service, 16);

AT_LEAST(ango_module, 136);
AT(ango_module, struct_size, 0);
AT(ango_module, abi, 4);
AT(ango_module, flags, 8);
AT(ango_module, kinds, 16);
AT(ango_module, id, 24);
AT(ango_module, name, 40);
AT(ango_module, version, 56);
AT(ango_module, summary, 72);
AT(ango_module, requirements, 88);
AT(ango_module, requirement_count, 96);
AT(ango_module, create, 104);
AT(ango_module, destroy, 112);
AT(ango_module, table, 120);
AT(ango_module, describe, 128);

AT_LEAST(ango_export_v1, 16);
AT(ango_export_v1, struct_size, 0);
AT(ango_export_v1, reserved, 4);
AT(ango_export_v1, convert, 8);

AT_LEAST(ango_model_asset, 104);
AT(ango_model_asset, struct_size, 0);
AT(ango_model_asset, reserved, 4);
AT(ango_model_asset, id, 8);
AT(ango_model_asset, external_id, 24);
AT(ango_model_asset, data, 40);
AT(ango_model_asset, task_id, 56);
AT(ango_model_asset, classes, 72);
AT(ango_model_asset, record, 88);

AT_LEAST(ango_model_v1, 16);
AT(ango_model_v1, struct_size, 0);
AT(ango_model_v1, reserved, 4);
AT(ango_model_v1, predict, 8);

AT_LEAST(ango_folder, 72);
AT(ango_folder, struct_size, 0);
AT(ango_folder, limit, 4);
AT(ango_folder, bucket, 8);
AT(ango_folder, folder, 24);
AT(ango_folder, token, 40);
AT(ango_folder, storage, 56);

AT_LEAST(ango_file_explorer_v1, 24);
AT(ango_file_explorer_v1, struct_size, 0);
AT(ango_file_explorer_v1, reserved, 4);
AT(ango_file_explorer_v1, list, 8);
AT(ango_file_explorer_v1, locate, 16);

AT_LEAST(ango_table, 40);
AT(ango_table, struct_size, 0);
AT(ango_table, reserved, 4);
AT(ango_table, columns, 8);
AT(ango_table, column_count, 16);
AT(ango_table, markdown, 24);

AT_LEAST(ango_row, 24);
AT(ango_row, struct_size, 0);
AT(ango_row, reserved, 4);
AT(ango_row, number, 8);
AT(ango_row, cells, 16);

AT_LEAST(ango_row_asset, 72);
AT(ango_row_asset, struct_size, 0);
AT(ango_row_asset, skip, 4);
AT(ango_row_asset, data, 8);
AT(ango_row_asset, external_id, 24);
AT(ango_row_asset, batch, 40);
AT(ango_row_asset, labels, 56);

AT_LEAST(ango_markdown_v1, 32);
AT(ango_markdown_v1, struct_size, 0);
AT(ango_markdown_v1, reserved, 4);
AT(ango_markdown_v1, begin, 8);
AT(ango_markdown_v1, row, 16);
AT(ango_markdown_v1, end, 24);

AT_LEAST(ango_input_v1, 16);
AT(ango_input_v1, struct_size, 0);
AT(ango_input_v1, reserved, 4);
AT(ango_input_v1, answer, 8);

AT_LEAST(ango_job_v1, 56);
AT(ango_job_v1, struct_size, 0);
AT(ango_job_v1, reserved, 4);
AT(ango_job_v1, event, 8);
AT(ango_job_v1, field, 16);
AT(ango_job_v1, config, 24);
AT(ango_job_v1, attempt, 32);
AT(ango_job_v1, checkpoint, 40);
AT(ango_job_v1, save_checkpoint, 48);

AT_LEAST(ango_log_v1, 24);
AT(ango_log_v1, struct_size, 0);
AT(ango_log_v1, reserved, 4);
AT(ango_log_v1, line, 8);
AT(ango_log_v1, progress, 16);

AT_LEAST(ango_cancel_v1, 24);
AT(ango_cancel_v1, struct_size, 0);
AT(ango_cancel_v1, reserved, 4);
AT(ango_cancel_v1, cancelled, 8);
AT(ango_cancel_v1, on_cancel, 16);

AT_LEAST(ango_asset, 40);
AT(ango_asset, struct_size, 0);
AT(ango_asset, container, 4);
AT(ango_asset, number, 8);
AT(ango_asset, offset, 16);
AT(ango_asset, json, 24);

AT_LEAST(ango_reader_v1, 16);
AT(ango_reader_v1, struct_size, 0);
AT(ango_reader_v1, reserved, 4);
AT(ango_reader_v1, next, 8);

AT_LEAST(ango_writer_v1, 32);
AT(ango_writer_v1, struct_size, 0);
AT(ango_writer_v1, reserved, 4);
AT(ango_writer_v1, open, 8);
AT(ango_writer_v1, write, 16);
AT(ango_writer_v1, close, 24);

AT_LEAST(ango_scratch_v1, 32);
AT(ango_scratch_v1, struct_size, 0);
AT(ango_scratch_v1, reserved, 4);
AT(ango_scratch_v1, create, 8);
AT(ango_scratch_v1, write, 16);
AT(ango_scratch_v1, read, 24);

AT_LEAST(ango_http_request, 128);
AT(ango_http_request, struct_size, 0);
AT(ango_http_request, reserved, 4);
AT(ango_http_request, method, 8);
AT(ango_http_request, url, 24);
AT(ango_http_request, headers, 40);
AT(ango_http_request, header_count, 48);
AT(ango_http_request, body, 56);
AT(ango_http_request, limit, 72);
AT(ango_http_request, s3_region, 80);
AT(ango_http_request, s3_key_id, 96);
AT(ango_http_request, s3_secret, 112);

AT_LEAST(ango_http_response, 40);
AT(ango_http_response, struct_size, 0);
AT(ango_http_response, status, 4);
AT(ango_http_response, body, 8);
AT(ango_http_response, content_type, 24);

AT_LEAST(ango_http_v1, 24);
AT(ango_http_v1, struct_size, 0);
AT(ango_http_v1, reserved, 4);
AT(ango_http_v1, get, 8);
AT(ango_http_v1, request, 16);

AT_LEAST(ango_hub_v1, 24);
AT(ango_hub_v1, struct_size, 0);
AT(ango_hub_v1, reserved, 4);
AT(ango_hub_v1, call, 8);
AT(ango_hub_v1, upload, 16);

AT_LEAST(ango_listing_v1, 32);
AT(ango_listing_v1, struct_size, 0);
AT(ango_listing_v1, reserved, 4);
AT(ango_listing_v1, folder, 8);
AT(ango_listing_v1, file, 16);
AT(ango_listing_v1, next, 24);

AT_LEAST(ango_result_v1, 32);
AT(ango_result_v1, struct_size, 0);
AT(ango_result_v1, reserved, 4);
AT(ango_result_v1, value, 8);
AT(ango_result_v1, file_name, 16);
AT(ango_result_v1, storage, 24);

AT_LEAST(ango_failure, 48);
AT(ango_failure, struct_size, 0);
AT(ango_failure, reserved, 4);
AT(ango_failure, retry_after_ms, 8);
AT(ango_failure, user_text, 16);
AT(ango_failure, operator_text, 32);

AT_LEAST(ango_failure_v1, 16);
AT(ango_failure_v1, struct_size, 0);
AT(ango_failure_v1, reserved, 4);
AT(ango_failure_v1, fail, 8);
#endif

#define IS(name, value) static_assert((name) == (value), #name " has another value")
IS(ANGO_OK, 0);
IS(ANGO_END, 1);
IS(ANGO_ABSENT, 2);
IS(ANGO_PENDING, 3);
IS(ANGO_FAILED, (-1));
IS(ANGO_CANCELLED, (-2));
IS(ANGO_INVALID, (-3));
IS(ANGO_LIMIT, (-4));
IS(ANGO_IO, (-5));
IS(ANGO_UNSUPPORTED, (-6));
IS(ANGO_KIND_EXPORT, UINT64_C(1));
IS(ANGO_KIND_MODEL, UINT64_C(2));
IS(ANGO_KIND_BATCH_MODEL, UINT64_C(4));
IS(ANGO_KIND_FILE_EXPLORER, UINT64_C(8));
IS(ANGO_KIND_MARKDOWN, UINT64_C(16));
IS(ANGO_KIND_INPUT, UINT64_C(32));
IS(ANGO_MODULE_CONCURRENT, UINT64_C(1));
IS(ANGO_LOG_DEBUG, 0u);
IS(ANGO_LOG_INFO, 1u);
IS(ANGO_LOG_WARNING, 2u);
IS(ANGO_LOG_ERROR, 3u);
IS(ANGO_CONTAINER_NDJSON, 1u);
IS(ANGO_CONTAINER_ARRAY, 2u);
