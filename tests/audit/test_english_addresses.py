"""Finding English addresses and comparing them."""

from __future__ import annotations

import pytest

from qaplatform.audit.english_addresses import english_contradicts, find_english, parse_english

LEEDS = "Unit 4, Harrow Trade Park, 18 Mill Lane, Leeds, West Yorkshire LS10 1AB"
HANGZHOU = "Room 302, Building 5, No. 88 Wenyi West Road, Xihu District, Hangzhou, Zhejiang 310012"
ROCKLEA = "Shed 7, 210 Boundary Road, Rocklea QLD 4106"
OMAHA = "Prairie Boots Returns, 2750 Stockyard Drive, Suite B, Omaha, Nebraska 68107"
BENGALURU = "Plot 14, 2nd Floor, 45 MG Road, Indiranagar, Bengaluru, Karnataka 560038, India"
BOX = "PO Box 412, Fitzroy VIC 3065"
SHENZHEN = "No. 16 Chaguang Road, Nanshan District, Shenzhen, Guangdong Province 518055"

CASES = (
    (False, "Please post it to Unit 4, Harrow Trade Park, 18 Mill Lane, Leeds LS10 1AB.", LEEDS),
    (False, "unit 4 harrow trade park 18 mill ln leeds ls101ab", LEEDS),
    (False, "send it to 18 Mill Ln., Leeds, thanks", LEEDS),
    (False, "its apt 4, 18 mill lane, leeds, w yorkshire, LS10 1AB, UK", LEEDS),
    (True, "Please post it to Unit 4, Harrow Trade Park, 81 Mill Lane, Leeds, West Yorkshire LS10 1AB.", LEEDS),
    (True, "Unit 14, 18 Mill Lane, Leeds LS10 1AB", LEEDS),
    (True, "18 Mill Road, Leeds LS10 1AB", LEEDS),
    (True, "18 Mill Lane, Leeds LS11 1AB", LEEDS),
    (True, "18 Mill Lane, Bradford", LEEDS),
    (True, "18 Miller Street, Leeds", LEEDS),
    (True, "Unit 4, Harlow Business Park, 18 Hill Lane, Leeds", LEEDS),
    (False, "no 88 wenyi xi lu, building 5 room 302, hangzhou 310012", HANGZHOU),
    (False, "Rm 302, Bldg 5, Wenyi West Road No. 88, Xihu, Hangzhou, China", HANGZHOU),
    (True, "Room 302, Building 6, No. 88 Wenyi West Road, Xihu District, Hangzhou, Zhejiang 310012", HANGZHOU),
    (True, "Room 302, Building 5, No. 88 Wenyi East Road, Xihu District, Hangzhou", HANGZHOU),
    (True, "Room 302, Building 5, No. 88 Wenyi West Road, Binjiang District, Hangzhou, Zhejiang 310012", HANGZHOU),
    (False, "210 Boundary Rd", ROCKLEA),
    (False, "Shed 7\n210 Boundary Rd\nRocklea 4106\nQueensland", ROCKLEA),
    (True, "shed 9, 210 boundary rd rocklea", ROCKLEA),
    (True, "33 Parramatta Road, Annandale NSW 2038", ROCKLEA),
    (False, "It's Prairie Boots Returns, 2750 Stockyard Drive, Suite B, Omaha, Nebraska 68107 now.", OMAHA),
    (False, "2750 Stockyard Dr Ste B, Omaha NE 68107-1234", OMAHA),
    (True, "2750 Stockyard Dr Ste D, Omaha NE 68107", OMAHA),
    (True, "2750 Stockyard Drive, Suite B, Lincoln, NE 68107", OMAHA),
    (False, "2nd floor, 45 M.G. Road, Indiranagar, Bangalore 560038", BENGALURU),
    (True, "3rd floor, 45 MG Road, Indiranagar, Bengaluru 560038", BENGALURU),
    (False, "P.O. Box 412, Fitzroy Victoria 3065", BOX),
    (True, "PO Box 421, Fitzroy VIC 3065", BOX),
    (True, "12 Smith St, Fitzroy VIC 3065", BOX),
    (False, "No.16  Chaguang Road\nNanshan District\nShenzhen  518055", SHENZHEN),
    (False, "Actually just 16 Chaguang Rd, Shenzhen, write your order number on it", SHENZHEN),
    (False, "2750 stockyard dr, omaha", OMAHA),
    (False, "88 Wenyi Road, Hangzhou", HANGZHOU),
    (True, "88 Wenyi East Road, Hangzhou", HANGZHOU),
    (False, "210 Boundry Road, Rocklea", ROCKLEA),
)

ASIDES = (
    "it takes 5 working days. Close the lid",
    "please drive 2 miles the other way",
    "in 3 days way too late",
    "I have 2 of the St size",
    "size 12 wide court shoes",
    "order 4471 comes in 2 boxes",
)


@pytest.mark.parametrize(("wrong", "given", "right"), CASES)
def test_leaving_out_is_fine_and_naming_another_is_not(wrong: bool, given: str, right: str) -> None:
    known = parse_english(right)
    found = find_english(given)
    assert known is not None
    assert found
    assert any(english_contradicts(one, known) for one in found) is wrong


@pytest.mark.parametrize("text", ASIDES)
def test_numbers_among_other_words_are_no_address(text: str) -> None:
    assert find_english(text) == ()


def test_an_address_is_read_part_by_part_and_its_place_is_known() -> None:
    text = "Hi! Post it to Unit 9, 40 Harbour St, Plymouth, Devon PL1 3XX. Thanks"
    (one,) = find_english(text)
    assert (one.streets, one.units, one.code) == ((("40", "harbour", "street"),), (("unit", "9"),), "pl13xx")
    assert one.places == ("plymouth", "devon")
    assert text[one.start : one.end] == "Unit 9, 40 Harbour St, Plymouth, Devon PL1 3XX"
