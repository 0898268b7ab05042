//! The zones of area codes, in the countries whose mobile numbers have them.
//!
//! Facts of the numbering plans of North America (NANPA), Brazil (Anatel) and Mexico (IFT), as far
//! as open lists of them go; checked against the time zones that libphonenumber gives to the same
//! prefixes. A code that is put over an older one lies where that one does. A code that isn't here
//! has come since: then the country counts.

use chrono_tz::{America, Atlantic, Pacific};

use super::Row;

/// How many digits the longest area code has.
pub(super) const LONGEST: usize = 3;

/// By country code, the area codes in it, of any length: the longest one that fits counts.
pub(super) const AREAS: [(&str, &[Row]); 3] =
    [("1", NORTH_AMERICA), ("55", BRAZIL), ("52", MEXICO)];

/// Codes of North America that lie nowhere: of free and of personal numbers, of Canada's mobile
/// data, of the government, of services, and 555 for examples and directories.
pub(super) const NOWHERE: &str = "\
    800 822 833 844 855 866 877 888 \
    500 521 522 523 524 525 526 527 528 529 532 533 535 538 542 543 544 545 546 547 549 550 552 \
    553 554 555 556 558 566 569 577 578 588 589 \
    600 622 633 644 655 677 688 700 710 900";

#[rustfmt::skip]
const NORTH_AMERICA: &[Row] = &[
    (&[America::New_York], "\
        201 202 203 207 212 215 216 220 223 227 229 231 234 239 240 248 252 260 267 269 272 276 \
        283 301 302 304 305 313 315 317 321 324 326 329 330 332 336 339 347 351 352 363 380 386 \
        401 404 407 410 412 413 419 434 436 440 443 445 463 470 472 475 478 484 502 508 513 516 \
        517 518 540 551 561 567 570 571 582 585 586 603 607 609 610 614 616 617 624 631 640 645 \
        646 656 667 678 679 680 681 686 689 703 704 706 716 717 718 724 727 728 732 734 740 743 \
        754 757 762 765 770 771 772 774 781 786 802 803 804 810 813 814 821 826 828 835 838 839 \
        843 845 848 854 856 857 859 860 862 863 864 865 878 904 908 910 912 914 917 919 929 934 \
        937 941 943 947 948 954 959 973 978 980 984 989"),
    (&[America::New_York, America::Chicago], "423 574 606 729 906"),
    (&[America::Chicago, America::New_York], "219 270 364 448 812 850 930"),
    (&[America::Chicago], "\
        205 210 214 217 218 224 225 228 235 251 254 256 262 274 281 309 312 314 316 318 319 320 \
        325 327 331 334 337 346 353 361 402 405 409 414 417 430 432 447 457 464 469 471 479 483 \
        501 504 507 512 515 531 534 539 557 563 572 573 580 601 608 612 615 618 621 629 630 636 \
        641 651 659 660 662 682 708 712 713 715 726 730 731 737 763 769 773 779 806 815 816 817 \
        830 832 847 861 870 872 901 903 913 918 920 924 931 936 938 940 945 952 956 972 975 979 \
        985"),
    (&[America::Chicago, America::Denver], "308 605 620 701 785"),
    (&[America::Denver], "303 307 385 406 435 505 575 719 720 748 801 915 970 983"),
    (&[America::Denver, America::Los_Angeles], "208 986"),
    (&[America::Los_Angeles, America::Denver], "458 541 775"),
    (&[America::Phoenix], "480 520 602 623"),
    (&[America::Phoenix, America::Denver], "928"),
    (&[America::Los_Angeles], "\
        206 209 213 253 279 310 323 341 350 360 369 408 415 424 425 442 503 509 510 530 559 562 \
        564 619 626 628 650 657 661 669 702 707 714 725 738 747 760 805 818 820 831 837 840 858 \
        909 916 925 949 951 971"),
    (&[America::Anchorage, America::Adak], "907"),
    (&[Pacific::Honolulu], "808"),
    (&[America::St_Johns, America::Halifax], "709 879"),
    (&[America::Halifax], "428 506 782 902"),
    (&[America::Toronto, America::Halifax], "367 418 581"),
    (&[America::Toronto], "\
        226 249 263 273 289 343 354 365 382 416 437 438 450 468 514 519 548 579 613 647 683 705 \
        742 753 819 873 905 942"),
    (&[America::Toronto, America::Winnipeg], "807"),
    (&[America::Winnipeg], "204 431 584"),
    (&[America::Regina], "306 474 639"),
    (&[America::Edmonton], "368 403 587 780 825"),
    (&[America::Vancouver], "604"),
    (&[America::Vancouver, America::Edmonton], "236 250 257 672 778"),
    (&[America::Edmonton, America::Whitehorse, America::Winnipeg, America::Toronto], "867"),
    (&[Atlantic::Bermuda], "441"),
    (&[America::Grand_Turk], "649"),
    (&[America::Nassau], "242"),
    (&[America::Jamaica], "658 876"),
    (&[America::Cayman], "345"),
    (&[America::Santo_Domingo], "809 829 849"),
    (&[America::Barbados], "246"),
    (&[America::Puerto_Rico], "264 268 284 340 473 664 721 758 767 784 787 868 869 939"),
    (&[Pacific::Guam], "670 671"),
    (&[Pacific::Pago_Pago], "684"),
];

/// Only four states keep other clocks than the coast, and Brazil has no summer time.
#[rustfmt::skip]
const BRAZIL: &[Row] = &[
    (&[America::Sao_Paulo], "1 2 3 4 5 61 62 63 64 7 8 91 93 94 96 98 99"),
    (&[America::Manaus], "65 66 67 69 92 95"),
    (&[America::Manaus, America::Rio_Branco], "97"),
    (&[America::Rio_Branco], "68"),
];

/// Three digits, or two in the largest towns. Only the border with the United States has summer
/// time.
#[rustfmt::skip]
const MEXICO: &[Row] = &[
    (&[America::Mexico_City], "2 3 4 5 7 8 9 614 618 621 625 627 628 629 635 639 648 649 652 659 671 674 675 676 677"),
    (&[America::Ciudad_Juarez], "656"),
    (&[America::Matamoros], "626 867 868 877 878 894 897 899"),
    (&[America::Mazatlan], "311 319 323 324 325 389 612 613 615 622 623 624 631 632 633 634 637 638 641 642 643 644 645 647 651 653 662 667 668 669 672 673 687 694 695 696 697 698"),
    (&[America::Mazatlan, America::Mexico_City], "322 327"),
    (&[America::Tijuana], "616 646 658 661 663 664 665 686"),
    (&[America::Cancun], "983 984 987 997 998"),
];
