/* The cursors: what fits is right, what does not fit does nothing, and stays so. */
#include <check.h>

#include "wire.h"

START_TEST(read_takes_network_order)
{
	const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	struct rd r = rd_init(bytes, sizeof(bytes));

	ck_assert_uint_eq(rd_u8(&r), 0x01);
	ck_assert_uint_eq(rd_u16(&r), 0x0203);
	ck_assert_uint_eq(rd_u32(&r), 0x04050607);
	ck_assert_uint_eq(rd_u64(&r), 0x08090a0b0c0d0e0f);
	ck_assert_uint_eq(rd_left(&r), 0);
	ck_assert(!r.bad);
}
END_TEST

START_TEST(read_of_high_bits_has_no_sign)
{
	const uint8_t bytes[15] = {[0 ... 14] = 0xff};
	struct rd r = rd_init(bytes, sizeof(bytes));

	ck_assert_uint_eq(rd_u8(&r), UINT8_MAX);
	ck_assert_uint_eq(rd_u16(&r), UINT16_MAX);
	ck_assert_uint_eq(rd_u32(&r), UINT32_MAX);
	ck_assert_uint_eq(rd_u64(&r), UINT64_MAX);
}
END_TEST

START_TEST(read_too_far_is_bad_for_good)
{
	const uint8_t bytes[] = {1, 2, 3};
	struct rd r = rd_init(bytes, sizeof(bytes));

	ck_assert_uint_eq(rd_u32(&r), 0);
	ck_assert(r.bad);
	ck_assert_uint_eq(rd_left(&r), 0);
	ck_assert_uint_eq(rd_u8(&r), 0);
	ck_assert_uint_eq(rd_u16(&r), 0);
	ck_assert_uint_eq(rd_u64(&r), 0);
	ck_assert_ptr_null(rd_bytes(&r, 0));
	ck_assert_ptr_eq(r.p, bytes);
}
END_TEST

START_TEST(read_of_huge_length_is_bad)
{
	const uint8_t bytes[] = {1, 2, 3};
	struct rd r = rd_init(bytes, sizeof(bytes));

	rd_u8(&r);
	ck_assert_ptr_null(rd_bytes(&r, SIZE_MAX));
	ck_assert(r.bad);
}
END_TEST

START_TEST(read_of_nothing_is_empty)
{
	struct rd r = rd_init(NULL, 0);

	ck_assert_uint_eq(rd_left(&r), 0);
	ck_assert(!r.bad);
	ck_assert_uint_eq(rd_u8(&r), 0);
	ck_assert(r.bad);
}
END_TEST

START_TEST(sub_cursor_ends_with_its_value)
{
	const uint8_t bytes[] = {1, 2, 3, 4};
	struct rd r = rd_init(bytes, sizeof(bytes)), sub = rd_sub(&r, 2);

	ck_assert_uint_eq(rd_u16(&sub), 0x0102);
	ck_assert_uint_eq(rd_u8(&sub), 0);
	ck_assert(sub.bad);
	ck_assert(!r.bad);
	ck_assert_uint_eq(rd_u16(&r), 0x0304);
}
END_TEST

START_TEST(sub_cursor_beyond_the_end_is_bad_with_its_parent)
{
	const uint8_t bytes[] = {1, 2, 3, 4};
	struct rd r = rd_init(bytes, sizeof(bytes)), sub = rd_sub(&r, 5);

	ck_assert(sub.bad);
	ck_assert(r.bad);
	ck_assert_uint_eq(rd_left(&sub), 0);
}
END_TEST

START_TEST(write_puts_network_order)
{
	uint8_t bytes[16] = {0};
	const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0};
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u8(&w, 0x01);
	wr_u16(&w, 0x0203);
	wr_u32(&w, 0x04050607);
	wr_u64(&w, 0x08090a0b0c0d0e0f);
	ck_assert_uint_eq(wr_len(&w), 15);
	ck_assert_mem_eq(bytes, expected, sizeof(bytes));
}
END_TEST

START_TEST(write_too_far_is_bad_and_writes_nothing_more)
{
	uint8_t bytes[5] = {0, 0, 0, 0, 0xaa};
	struct wr w = wr_init(bytes, 4);

	wr_bytes(&w, "abc", 3);
	ck_assert_uint_eq(wr_len(&w), 3);
	ck_assert_ptr_null(wr_room(&w, 2));
	ck_assert(w.bad);
	ck_assert_uint_eq(wr_len(&w), 0);
	wr_u8(&w, 0xff);
	ck_assert_uint_eq(bytes[3], 0);
	ck_assert_uint_eq(bytes[4], 0xaa);
}
END_TEST

START_TEST(write_that_fits_exactly_is_good)
{
	uint8_t bytes[4];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u32(&w, 0xdeadbeef);
	wr_bytes(&w, NULL, 0);
	ck_assert_uint_eq(wr_len(&w), 4);
	ck_assert(!w.bad);
}
END_TEST

START_TEST(patch_fills_in_a_length)
{
	uint8_t bytes[4];
	struct wr w = wr_init(bytes, sizeof(bytes));
	uint8_t *len = wr_room(&w, 2);

	wr_u16(&w, 0xffff);
	wr_patch_u16(&w, len, 0x1234);
	ck_assert_uint_eq(bytes[0], 0x12);
	ck_assert_uint_eq(bytes[1], 0x34);
	wr_u8(&w, 0);
	wr_patch_u16(&w, len, 0);
	ck_assert_uint_eq(bytes[0], 0x12);
	wr_patch_u16(&w, NULL, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tc = tcase_create("wire");

	tcase_add_test(tc, read_takes_network_order);
	tcase_add_test(tc, read_of_high_bits_has_no_sign);
	tcase_add_test(tc, read_too_far_is_bad_for_good);
	tcase_add_test(tc, read_of_huge_length_is_bad);
	tcase_add_test(tc, read_of_nothing_is_empty);
	tcase_add_test(tc, sub_cursor_ends_with_its_value);
	tcase_add_test(tc, sub_cursor_beyond_the_end_is_bad_with_its_parent);
	tcase_add_test(tc, write_puts_network_order);
	tcase_add_test(tc, write_too_far_is_bad_and_writes_nothing_more);
	tcase_add_test(tc, write_that_fits_exactly_is_good);
	tcase_add_test(tc, patch_fills_in_a_length);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
